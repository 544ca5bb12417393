-- where: SELECT current_setting('server_version_num')::int < 180000
CREATE VIEW cleaner AS SELECT buffers_clean, maxwritten_clean, stats_reset FROM pg_stat_bgwriter;
CREATE VIEW activity AS SELECT * FROM pg_stat_activity;
