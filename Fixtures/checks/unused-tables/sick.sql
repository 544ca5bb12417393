-- limit: mature-days=0
-- expect: info unused-tables/public.t
CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 100) g;
CREATE TABLE used AS SELECT g AS a FROM generate_series(1, 100) g;
VACUUM t, used;
\c
SELECT pg_sleep(0.3);
SELECT pg_stat_reset();
\c
SELECT count(*) FROM used;
