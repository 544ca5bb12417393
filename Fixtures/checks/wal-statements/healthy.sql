-- limit: statement-wal-bytes=100000
-- Three that write as much as one another, and one that writes little.
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
CREATE TABLE t (a int, b text);
CREATE TABLE u (a int, b text);
CREATE TABLE v (a int, b text);
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
INSERT INTO u SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
INSERT INTO v SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
INSERT INTO v SELECT g FROM generate_series(1, 10) AS g;
