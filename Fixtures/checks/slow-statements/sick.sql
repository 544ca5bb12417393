-- limit: slow-ms=15
-- limit: slow-calls=3
-- expect: info slow-statements/*
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT pg_sleep(0.02);
SELECT pg_sleep(0.02);
SELECT pg_sleep(0.02);
