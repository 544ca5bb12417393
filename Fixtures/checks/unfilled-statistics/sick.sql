-- expect: notice unfilled-statistics/public.created_late
CREATE TABLE t AS SELECT g AS a, g % 10 AS b FROM generate_series(1, 5000) AS g;
ANALYZE t;
CREATE STATISTICS created_late ON a, b FROM t;
