with a as materialized (select 1 as x), b as not materialized (select 2 as y) select * from a, b;
with d as (delete from t where a < 5 returning *) insert into u select * from d
