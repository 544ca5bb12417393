-- limit: spill-bytes=1000000
-- expect: info spilling-statements/*
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT pg_stat_statements_reset();
SET work_mem = '64kB';
SELECT count(*) FROM (SELECT md5(g::text) AS a FROM generate_series(1, 100000) g ORDER BY 1 OFFSET 0) AS x;
