-- limit: slow-ms=50
-- Always slow, and few calls.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT pg_stat_statements_reset();
SELECT format('SELECT pg_sleep(%s)', 0.01) FROM generate_series(1, 60) g \gexec
SELECT pg_sleep(0.2), 1;
SELECT pg_sleep(0), 1;
