-- limit: mature-days=0
-- Empty, written, read by its index only.
CREATE TABLE none (a int);
CREATE TABLE written AS SELECT g AS a FROM generate_series(1, 100) g;
CREATE TABLE indexed (a int PRIMARY KEY);
INSERT INTO indexed SELECT generate_series(1, 1000);
VACUUM ANALYZE;
\c
SELECT pg_sleep(0.3);
SELECT pg_stat_reset();
\c
INSERT INTO written VALUES (1);
SET enable_seqscan = off;
SELECT a FROM indexed WHERE a = 7;
