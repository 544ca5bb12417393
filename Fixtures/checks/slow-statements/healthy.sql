-- limit: slow-ms=15
-- limit: slow-calls=3
-- Slow once, and often but fast.
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
SELECT pg_sleep(0.02);
SELECT 1;
SELECT 1;
SELECT 1;
SELECT 1;
