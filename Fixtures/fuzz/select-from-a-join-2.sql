select * from a join b using (x) as ab;
select * from only a where a.x = 1
