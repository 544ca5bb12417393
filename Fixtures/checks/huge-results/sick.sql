-- limit: slow-calls=3
-- limit: result-rows=20000
-- expect: info huge-results/*
SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'compute_query_id';
SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0);
\o /dev/null
SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
SELECT g, md5(g::text) FROM generate_series(1, 30000) AS g;
