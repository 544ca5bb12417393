select * from a join b on a.x = b.x left join c using (y) natural join d cross join e;
select * from (a full outer join b on a.x = b.x) as j where j.y is null
