-- limit: dead-rows=100
-- expect: warning dead-rows/public.t
CREATE TABLE t (a int) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT generate_series(1, 2000);
ANALYZE t;
DELETE FROM t WHERE a % 2 = 0;
