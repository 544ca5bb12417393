-- limit: cache-blocks=1
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g;
CREATE INDEX t_a ON t (a);
VACUUM FULL t;
VACUUM ANALYZE t;
\c
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_indexscan = on;
SET enable_indexonlyscan = on;
SELECT count(*) FROM t WHERE a > 0;
\c
SELECT pg_sleep(0.3);
SELECT pg_stat_reset();
\c
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_indexscan = on;
SET enable_indexonlyscan = on;
SELECT count(*) FROM t WHERE a > 0;
SELECT count(*) FROM t WHERE a > 0;
