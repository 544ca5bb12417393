-- limit: dominant-s=0.01
-- Four that take as long as one another.
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT pg_sleep(0.2), 1;
SELECT pg_sleep(0.2), 1, 2;
SELECT pg_sleep(0.2), 1, 2, 3;
SELECT pg_sleep(0.2), 1, 2, 3, 4;
