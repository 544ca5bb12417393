-- limit: bloat-bytes=1000000
-- expect: notice toast-bloat/public.t
CREATE TABLE t (a int, body text) WITH (autovacuum_enabled = off);
ALTER TABLE t ALTER body SET STORAGE EXTERNAL;
INSERT INTO t SELECT k, repeat('x', 8000) FROM generate_series(1, 1000) AS k;
DELETE FROM t WHERE a % 10 <> 0;
VACUUM t;
