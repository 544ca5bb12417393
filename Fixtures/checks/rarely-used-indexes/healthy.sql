-- limit: mature-days=0
-- limit: rare-writes=1000
-- limit: unused-index-bytes=1
-- Unique, a constraint's, one that is used often, and one that is never used, which is another check's.
CREATE TABLE t (id int PRIMARY KEY, a int, b int, u int UNIQUE);
CREATE INDEX t_a ON t (a);
CREATE INDEX t_b ON t (b);
INSERT INTO t SELECT g, g, g, g FROM generate_series(1, 20000) g;
ANALYZE t;
\c
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM generate_series(1, 100) AS g, LATERAL (SELECT id FROM t WHERE a = g OFFSET 0) AS x;
SELECT id FROM t WHERE id = 7;
SELECT id FROM t WHERE u = 7;
\c
SELECT pg_sleep(0.3);
