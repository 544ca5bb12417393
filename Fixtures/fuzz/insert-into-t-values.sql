insert into t values (1, default, 'x');
insert into s.t (a, b[1], c.d) select 1, 2, 3 returning a as x, *
