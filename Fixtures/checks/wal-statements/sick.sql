-- limit: statement-wal-bytes=100000
-- expect: info wal-statements/*
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
CREATE TABLE t (a int, b text);
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
SELECT count(*) FROM t;
