-- limit: mature-days=0
-- limit: scan-rows=1000
-- limit: scans=5
-- expect: info sequential-scans/public.t
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 5000) g;
ANALYZE t;
SELECT count(*) FROM t WHERE a = 1;
SELECT count(*) FROM t WHERE a = 2;
SELECT count(*) FROM t WHERE a = 3;
SELECT count(*) FROM t WHERE a = 4;
SELECT count(*) FROM t WHERE a = 5;
