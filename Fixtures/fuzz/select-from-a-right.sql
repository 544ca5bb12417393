select * from a right join (select x, max(y) as y from b group by x) as s on s.x = a.x and s.y > 1;
select * from a, lateral (select * from b where b.x = a.x limit 1) as l
