-- limit: large-bytes=1000000
-- limit: findings-per-check=1
-- expect: info largest-tables/public.t
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t SELECT g, repeat(md5(g::text), 10) FROM generate_series(1, 60000) g;
VACUUM ANALYZE t;
