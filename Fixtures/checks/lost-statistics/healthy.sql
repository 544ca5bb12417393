CREATE TABLE t AS SELECT g AS a, g AS b FROM generate_series(1, 100) AS g;
ANALYZE t;
