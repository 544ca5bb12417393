-- limit: bloat-bytes=1000000
-- expect: notice bloated-indexes/public.t_pkey
CREATE TABLE t (id int PRIMARY KEY, tag int) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT g, g % 10 FROM generate_series(1, 100000) g;
DELETE FROM t WHERE id % 10 <> 0;
VACUUM ANALYZE t;
