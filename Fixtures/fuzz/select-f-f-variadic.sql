select f(), f(1, variadic array[2]), f(a => 1, b := 2), count(distinct a), array_agg(a order by b desc) from t;
select percentile_cont(0.5) within group (order by a) from t
