-- Written past the cache by VACUUM FULL, then read once.
-- limit: cache-blocks=1
-- expect: info table-cache-hits/{database}
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 20000) g;
VACUUM FULL t;

\c
SELECT pg_sleep(0.3);
SELECT pg_stat_reset();
\c
SET enable_seqscan = on;
SET enable_bitmapscan = off;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SELECT count(a) FROM t;
