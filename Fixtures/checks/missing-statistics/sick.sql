-- limit: stale-rows=2000
-- expect: warning missing-statistics/public.never
-- expect: warning missing-statistics/public.stale
CREATE TABLE never AS SELECT g AS a FROM generate_series(1, 5000) g;
CREATE TABLE stale (a int);
INSERT INTO stale SELECT generate_series(1, 100);
ANALYZE stale;
\c
SELECT pg_sleep(0.3);
INSERT INTO stale SELECT generate_series(1, 5000);
