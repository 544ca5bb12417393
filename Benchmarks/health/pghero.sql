-- What PgHero's overview page asks of a database, in our own words: the same views, functions and conditions, as its
-- documentation and the behaviour of release 4 have them. Its gem cannot be had from Debian or PyPI.
-- name: connections by state
SELECT state, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC, 1;
-- name: long running queries
SELECT pid, state, application_name, age(now(), coalesce(query_start, xact_start)) AS took, wait_event IS NOT NULL AS waiting,
  query, backend_type, usename FROM pg_stat_activity
WHERE state <> 'idle' AND pid <> pg_backend_pid() AND datname = current_database()
  AND now() - coalesce(query_start, xact_start) > interval '60 seconds' ORDER BY coalesce(query_start, xact_start) DESC;
-- name: index hit rate
SELECT sum(idx_blks_hit) / nullif(sum(idx_blks_hit + idx_blks_read), 0) AS rate FROM pg_statio_user_indexes;
-- name: table hit rate
SELECT sum(heap_blks_hit) / nullif(sum(heap_blks_hit) + sum(heap_blks_read), 0) AS rate FROM pg_statio_user_tables;
-- name: indexes (invalid and duplicate ones are found in it)
SELECT n.nspname, t.relname, i.relname, regexp_replace(pg_get_indexdef(x.indexrelid), '^[^\(]*\((.*)\)$', '\1') AS columns,
  regexp_replace(pg_get_indexdef(x.indexrelid), '.* USING ([^ ]*) \(.*', '\1') AS method, x.indisunique, x.indisprimary,
  x.indisvalid, x.indexprs::text, x.indpred::text, pg_get_indexdef(x.indexrelid) AS definition
FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid
LEFT JOIN pg_stat_user_indexes AS s ON s.indexrelid = i.oid JOIN pg_namespace AS n ON n.oid = t.relnamespace
WHERE s.schemaname IS NOT NULL AND s.schemaname <> 'pg_catalog' ORDER BY 1, 2;
-- name: invalid constraints
SELECT n.nspname, r.relname, k.conname, f.relname FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace
JOIN pg_class AS r ON r.oid = k.conrelid LEFT JOIN pg_class AS f ON f.oid = k.confrelid WHERE k.convalidated = 'f';
-- name: columns that are filled from sequences
SELECT n.nspname, t.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attidentity,
  pg_get_expr(d.adbin, d.adrelid) AS value
FROM pg_attribute AS a JOIN pg_class AS t ON t.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = t.relnamespace
LEFT JOIN pg_attrdef AS d ON (a.attrelid, a.attnum) = (d.adrelid, d.adnum)
WHERE NOT a.attisdropped AND a.attnum > 0 AND (pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval%' OR a.attidentity <> '')
  AND n.nspname NOT LIKE 'pg\_temp\_%';
-- name: last values of sequences
SELECT schemaname, sequencename, last_value, has_sequence_privilege(quote_ident(schemaname) || '.' ||
  quote_ident(sequencename), 'SELECT') AS readable FROM pg_sequences;
-- name: transaction IDs
SELECT n.nspname, c.relname, 2146483648 - greatest(age(c.relfrozenxid), age(t.relfrozenxid)) AS left
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN pg_class AS t ON c.reltoastrelid = t.oid
WHERE c.relkind = 'r' AND (2146483648 - greatest(age(c.relfrozenxid), age(t.relfrozenxid))) < 1500000000 ORDER BY 3, 1, 2;
-- name: replication slots
SELECT slot_name, database, active FROM pg_replication_slots;
-- name: blocked queries
SELECT blocked.pid, blocking.pid FROM pg_locks AS blocked JOIN pg_locks AS blocking
  ON blocking.transactionid = blocked.transactionid AND blocking.pid <> blocked.pid WHERE NOT blocked.granted;
-- name: missing indexes
SELECT schemaname, relname, CASE idx_scan WHEN 0 THEN 'insufficient data' ELSE (100 * idx_scan / (seq_scan + idx_scan))::text
  END AS used, n_live_tup FROM pg_stat_user_tables
WHERE idx_scan > 0 AND (100 * idx_scan / (seq_scan + idx_scan)) < 95 AND n_live_tup >= 10000 ORDER BY n_live_tup DESC;
-- name: unused indexes
SELECT u.schemaname, u.relname, u.indexrelname, pg_relation_size(i.indexrelid) AS bytes, u.idx_scan
FROM pg_stat_user_indexes AS u JOIN pg_index AS i ON u.indexrelid = i.indexrelid
WHERE NOT i.indisunique AND u.idx_scan <= 50 ORDER BY pg_relation_size(i.indexrelid) DESC, 1;
-- name: slow queries
SELECT left(query, 10000) AS query, queryid, total_plan_time + total_exec_time AS total, calls, rolname
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid JOIN pg_roles ON pg_roles.oid = userid
WHERE calls > 0 AND pg_database.datname = current_database() ORDER BY 3 DESC LIMIT 100;
