-- expect: info unlogged-tables/public.t
CREATE UNLOGGED TABLE t (a int);
