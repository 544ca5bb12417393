-- where: SELECT current_setting('server_version_num')::int >= 150000 AND pg_jit_available()
-- limit: slow-calls=10
-- expect: notice compiling-statements/*
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT pg_stat_statements_reset();
CREATE TABLE t (a int, b text);
INSERT INTO t SELECT g, g FROM generate_series(1, 1000) g;
ANALYZE t;
SET jit = on;
SET jit_above_cost = 0;
SET jit_inline_above_cost = 0;
SET jit_optimize_above_cost = 0;
SELECT 'SELECT sum(a), max(b) FROM t WHERE a > 5' FROM generate_series(1, 12) \gexec
