update only t as x set a = y.b from y join z using (w) where x.c = y.c;
update t set a = 1 where current of c
