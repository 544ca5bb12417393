select distinct on (a, b) a, b, c from t order by a, b, c desc nulls last;
select a, count(*), sum(b) filter (where c > 3) from t group by a having count(*) > 10 order by 2 desc, a limit 10
