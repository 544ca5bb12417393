-- limit: wide-table-bytes=1000000
-- Long values out of line, short rows, a hundred columns, and wide rows of which there are few.
CREATE TABLE t (id int PRIMARY KEY, v text);
ALTER TABLE t ALTER v SET STORAGE EXTERNAL;
INSERT INTO t SELECT g, (SELECT string_agg(md5((g * 100 + k)::text), '') FROM generate_series(1, 100) k)
  FROM generate_series(1, 20000) g;
CREATE TABLE s AS SELECT g, g::text AS t FROM generate_series(1, 100000) g;
CREATE TABLE f AS SELECT g, (SELECT string_agg(md5((g * 100 + k)::text), '') FROM generate_series(1, 50) k) AS v
  FROM generate_series(1, 100) g;
SELECT 'CREATE TABLE many (' || string_agg(format('c%s int DEFAULT 1', k), ', ') || ')' FROM generate_series(1, 100) k \gexec
INSERT INTO many SELECT FROM generate_series(1, 5000);
ANALYZE;
