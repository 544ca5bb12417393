-- where: SELECT current_setting('server_version_num')::int < 180000
-- expect: warning changed-catalog-views/public.checkpoints
-- expect: warning changed-catalog-views/public.kept
DO $$ BEGIN
  IF current_setting('server_version_num')::int < 170000 THEN
    CREATE VIEW checkpoints AS SELECT checkpoints_timed FROM pg_stat_bgwriter;
    CREATE MATERIALIZED VIEW kept AS SELECT * FROM pg_stat_bgwriter;
  ELSE
    CREATE VIEW checkpoints AS SELECT wal_write FROM pg_stat_wal;
    CREATE MATERIALIZED VIEW kept AS SELECT * FROM pg_stat_wal;
  END IF;
END $$;
