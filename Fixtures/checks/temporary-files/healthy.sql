-- limit: temporary-bytes-per-hour=1000000
-- In memory.
SET work_mem = '64MB';
SELECT count(*) FROM (SELECT md5(g::text) AS a FROM generate_series(1, 100000) g ORDER BY 1 OFFSET 0) AS x;
\c
SELECT pg_sleep(0.3);
