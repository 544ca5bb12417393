-- expect: info scattered-brin-indexes/public.t_a
CREATE TABLE t (a int, b int);
INSERT INTO t SELECT g, g FROM generate_series(1, 20000) g ORDER BY md5(g::text);
CREATE INDEX t_a ON t USING brin (a);
ANALYZE t;
