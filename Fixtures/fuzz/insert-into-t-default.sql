insert into t default values;
insert into t (a) values (1) on conflict (a) where b > 2 do update set c = excluded.c + 1 where t.d < 5
