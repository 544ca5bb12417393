-- limit: bloat-bytes=1000000
-- expect: notice bloated-tables/public.t
CREATE TABLE t (id int PRIMARY KEY, a text, b int) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT g, md5(g::text), NULL FROM generate_series(1, 50000) g;
DELETE FROM t WHERE id % 10 <> 0;
VACUUM ANALYZE t;
