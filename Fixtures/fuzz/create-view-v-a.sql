create view v (a) with (security_barrier) as select 1 with check option;
create materialized view m as select 1
