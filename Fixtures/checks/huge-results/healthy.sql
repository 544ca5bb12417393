-- limit: slow-calls=3
-- limit: result-rows=20000
-- Many rows that stay in the server, many rows once, and few.
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
\o /dev/null
SELECT g, md5(g::text), 1 FROM generate_series(1, 30000) AS g;
SELECT pg_sleep(0.01);
SELECT pg_sleep(0.01);
SELECT pg_sleep(0.01);
