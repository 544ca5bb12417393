-- limit: mature-days=0
-- limit: cold-index-bytes=1000000
-- limit: cold-index-blocks=10
-- limit: cold-index-hit-percent=101
-- expect: info cold-indexes/public.t_pkey
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 100000);
ANALYZE t;
\c
SELECT id FROM t WHERE id = 7;
SELECT id FROM t WHERE id = 70;
\c
SELECT pg_sleep(0.3);
