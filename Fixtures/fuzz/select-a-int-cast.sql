select a::int, cast(b as numeric(10, 2)), '5'::int[], (c).d, (c).*, e[1], e[1:2], (array[1, 2])[1] from t;
select case a when 1 then 'x' when 2 then 'y' else 'z' end, case when a > 1 then 2 end from t
