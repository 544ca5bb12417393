-- limit: mature-days=0
-- limit: index-writes-per-hour=1000
-- expect: info many-indexes/public.t
CREATE TABLE t (id int, a int, b int, c int);
SELECT format('CREATE INDEX ON t (%s, a, b, c)', CASE g % 2 WHEN 0 THEN 'id' ELSE 'b' END) FROM generate_series(1, 10) g \gexec
INSERT INTO t SELECT g, g, g, g FROM generate_series(1, 200000) g;
ANALYZE t;
\c
SELECT pg_sleep(0.3);
