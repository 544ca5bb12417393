-- limit: dead-rows=100
-- expect: warning dead-rows/public.t
-- expect: warning dead-rows/public.wide
CREATE TABLE t (a int) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT generate_series(1, 2000);
ANALYZE t;
DELETE FROM t WHERE a % 2 = 0;
-- Few rows, each with a value of five pieces out of line.
CREATE TABLE wide (a int, body text) WITH (autovacuum_enabled = off, autovacuum_vacuum_threshold = 5000);
ALTER TABLE wide ALTER body SET STORAGE EXTERNAL;
INSERT INTO wide SELECT k, repeat('x', 8000) FROM generate_series(1, 100) AS k;
VACUUM ANALYZE wide;
DELETE FROM wide WHERE a % 2 = 0;
