-- limit: mature-days=0
-- limit: scan-rows=1000
-- limit: scans=5
-- Small, or read by its index.
CREATE TABLE small AS SELECT g AS a FROM generate_series(1, 100) g;
CREATE TABLE t (a int PRIMARY KEY, b text);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 5000) g;
ANALYZE;
SELECT count(*) FROM small;
SELECT count(*) FROM small;
SELECT count(*) FROM small;
SELECT count(*) FROM small;
SELECT count(*) FROM small;
SELECT b FROM t WHERE a = 1;
SELECT b FROM t WHERE a = 2;
