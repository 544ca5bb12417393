-- limit: statement-blocks=1000
-- expect: info cold-statements/*
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
-- Larger than a quarter of shared_buffers, and filled past them.
CREATE TABLE t AS SELECT g, repeat('x', 1000) AS filler FROM generate_series(1, 45000) g;
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT count(*) FROM t;
