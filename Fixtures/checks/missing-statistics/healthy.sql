-- limit: stale-rows=2000
-- Empty, small, analyzed, and little changed.
CREATE TABLE none (a int);
CREATE TABLE small AS SELECT 1 AS a;
CREATE TABLE fresh AS SELECT g AS a FROM generate_series(1, 5000) g;
\c
SELECT pg_sleep(0.3);
ANALYZE fresh;
\c
SELECT pg_sleep(0.3);
INSERT INTO fresh SELECT generate_series(1, 100);
