-- limit: key-rows=100
-- expect: notice tables-without-primary-key/public.t
CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 500) g;
ANALYZE t;
