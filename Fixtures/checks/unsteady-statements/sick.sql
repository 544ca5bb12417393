-- limit: slow-ms=50
-- expect: info unsteady-statements/*
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT pg_stat_statements_reset();
SELECT format('SELECT pg_sleep(%s)', CASE WHEN g = 50 THEN 0.2 ELSE 0.0 END) FROM generate_series(1, 100) g \gexec
