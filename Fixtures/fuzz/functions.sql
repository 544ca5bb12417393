create function f(a int default 1, b text = 'x') returns table (c int, d text) language sql immutable strict parallel safe cost 10 rows 5 set x from current begin atomic select a; select case when b = '' then 1 end; end;
create aggregate a(int) (sfunc = f, stype = int, initcond = '0');
create operator === (leftarg = int, rightarg = int, function = f, commutator = operator(pg_catalog.=));
create cast (a as b) with function f(a) as implicit
