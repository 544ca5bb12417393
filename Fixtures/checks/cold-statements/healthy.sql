-- limit: statement-blocks=1000
-- What is in memory is asked for again and again; another one reads a little.
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
CREATE TABLE t AS SELECT g, repeat('x', 1000) AS filler FROM generate_series(1, 9000) g;
SELECT count(*) FROM t;
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT count(*) FROM t;
SELECT count(*) FROM t;
SELECT count(*) FROM pg_class;
