-- limit: mature-days=0
-- limit: unused-index-bytes=65536
-- limit: unused-index-warning-bytes=1000000000
-- expect: notice unused-indexes/public.t_filler
CREATE TABLE t (id int PRIMARY KEY, filler text);
INSERT INTO t SELECT g, repeat(md5(g::text), 3) FROM generate_series(1, 5000) g;
CREATE INDEX t_filler ON t (filler);
ANALYZE t;
