select a, rank() over (partition by b order by c desc), sum(d) over w from t window w as (order by e rows 3 preceding);
select a, b, grouping(a) from t group by rollup (a, b), cube (c, d), grouping sets ((a), (b), ())
