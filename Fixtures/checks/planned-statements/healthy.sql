-- limit: slow-calls=3
-- limit: planning-ms=1
-- It runs for longer than it is planned, and one is planned for long, but once.
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
SET pg_stat_statements.track_planning = on;
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT pg_sleep(0.02);
SELECT pg_sleep(0.02);
SELECT pg_sleep(0.02);
SELECT pg_sleep(0.02);
SELECT count(*) FROM pg_class a JOIN pg_class b USING (oid) JOIN pg_class c USING (oid) JOIN pg_class d USING (oid) JOIN pg_class e USING (oid) JOIN pg_class f USING (oid) JOIN pg_class g USING (oid) WHERE a.oid = 1;
