-- where: SELECT current_setting('server_version_num')::int >= 180000
-- limit: parallel-workers=20
CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 50000) AS g;
ANALYZE t;
SELECT pg_stat_reset();
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT format('SELECT count(*) FROM t WHERE a > %s', g) FROM generate_series(1, 40) AS g \gexec
SELECT pg_stat_force_next_flush();
