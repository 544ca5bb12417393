-- where: SELECT current_setting('server_version_num')::int >= 140000
-- limit: calls-per-day=100000
-- Several rows at each call, a few calls for one row, and what changes rows.
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 1000);
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SET pg_stat_statements.track = 'all';
DO $$ BEGIN FOR k IN 1..15000 LOOP PERFORM a FROM t WHERE a < 4; END LOOP; END $$;
DO $$ BEGIN FOR k IN 1..100 LOOP PERFORM a FROM t WHERE a = k; END LOOP; END $$;
DO $$ BEGIN FOR k IN 1..15000 LOOP UPDATE t SET a = a WHERE a = k; END LOOP; END $$;
