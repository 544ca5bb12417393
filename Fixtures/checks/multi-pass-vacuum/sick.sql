-- A megabyte holds 174,762 dead rows.
-- where: SELECT current_setting('server_version_num')::int < 170000
-- expect: notice multi-pass-vacuum/public.t
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET maintenance_work_mem = ''1MB''', current_database()); END $$;
CREATE TABLE t (a int PRIMARY KEY) WITH (autovacuum_enabled = off);
INSERT INTO t SELECT generate_series(1, 200000);
DELETE FROM t WHERE a <= 190000;
