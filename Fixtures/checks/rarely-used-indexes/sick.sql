-- limit: mature-days=0
-- limit: rare-writes=1000
-- limit: unused-index-bytes=1
-- expect: info rarely-used-indexes/public.t_a
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE INDEX t_a ON t (a);
INSERT INTO t SELECT g, g, g FROM generate_series(1, 20000) g;
ANALYZE t;
\c
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT id FROM t WHERE a = 7;
\c
SELECT pg_sleep(0.3);
