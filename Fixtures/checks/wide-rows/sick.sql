-- limit: wide-table-bytes=1000000
-- expect: info wide-rows/public.t
-- expect: info wide-rows/public.many
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT g, (SELECT string_agg(md5((g * 100 + k)::text), '') FROM generate_series(1, 50) k)
  FROM generate_series(1, 2000) g;
SELECT 'CREATE TABLE many (' || string_agg(format('c%s int DEFAULT 1', k), ', ') || ')' FROM generate_series(1, 101) k \gexec
INSERT INTO many SELECT FROM generate_series(1, 5000);
ANALYZE;
