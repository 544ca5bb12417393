(select a from t) except (select a from u intersect select a from v);
with recursive r(n) as (select 1 union all select n + 1 from r where n < 100) select sum(n) from r
