// Conditions that most questions about objects share, and questions that several checks ask alike.

import Database

/// Of `pg_class AS c`: made by a user, lasting, and no part of an extension. Members of extensions are found by what they
/// depend on: there are few, and all of pg_depend is large.
let ownRelation: SQL = """
   c.oid >= 16384 AND c.relpersistence <> 't' AND c.oid NOT IN (SELECT own.objid FROM pg_depend AS own
     WHERE own.refclassid = 'pg_extension'::regclass AND own.classid = 'pg_class'::regclass AND own.deptype = 'e')

  """

/// Settings that checks judge, and those that wait for a restart. pg_settings makes all its rows each time, a
/// millisecond's work: it is read once.
let settingsQuestion: SQL = """
  SELECT s.name::text AS "name", s.setting AS "value", s.reset_val AS "standing",
    CASE WHEN s.name IN ('shared_buffers', 'random_page_cost', 'max_wal_size', 'checkpoint_timeout')
      THEN current_setting(s.name) END AS "shown",
    s.source AS "source", s.context = 'postmaster' AS "restarts", s.pending_restart AS "isPending"
  FROM pg_settings AS s
  WHERE s.pending_restart OR s.name IN ('autovacuum', 'track_counts', 'shared_buffers', 'random_page_cost', 'fsync',
    'full_page_writes', 'zero_damaged_pages', 'ignore_checksum_failure', 'ignore_invalid_pages',
      'ignore_system_indexes',
    'allow_system_table_mods', 'data_sync_retry', 'session_replication_role', 'synchronous_commit', 'enable_seqscan',
    'enable_indexscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_nestloop', 'enable_mergejoin', 'enable_sort',
    'enable_hashagg', 'max_wal_size', 'checkpoint_timeout', 'checkpoint_completion_target', 'statement_timeout',
    'idle_in_transaction_session_timeout', 'transaction_timeout', 'log_lock_waits', 'log_temp_files',
    'log_autovacuum_min_duration', 'log_checkpoints', 'log_min_duration_statement', 'log_min_duration_sample',
    'log_statement', 'log_hostname', 'wal_sender_timeout', 'autovacuum_freeze_max_age', 'autovacuum_naptime',
    'autovacuum_max_workers', 'autovacuum_vacuum_cost_limit', 'vacuum_cost_limit', 'autovacuum_vacuum_cost_delay',
    'autovacuum_vacuum_scale_factor')
  ORDER BY 1
  """

/// Which tables take most of the disk, by their largest parts, and all of them together, as of the last VACUUM or ANALYZE.
let sizesQuestion: SQL =
  """
  WITH large AS MATERIALIZED (
    SELECT c.oid, c.relkind FROM pg_class AS c
    WHERE c.relkind IN ('r', 'm', 't', 'i') AND c.relpages > 0 AND c.oid >= 16384 ORDER BY c.relpages DESC,
      c.oid LIMIT 100
  ), owners AS MATERIALIZED (
    SELECT l.oid FROM large AS l WHERE l.relkind IN ('r', 'm')
    UNION SELECT i.indrelid FROM large AS l JOIN pg_index AS i ON i.indexrelid = l.oid
    UNION SELECT t.oid FROM large AS l JOIN pg_class AS t ON l.relkind = 't' AND t.reltoastrelid = l.oid
  )
  SELECT NULL AS "table", (SELECT sum(c.relpages::bigint) FROM pg_class AS c WHERE c.relkind IN ('r', 'm', 't', 'i'))::bigint
    * current_setting('block_size')::bigint AS "bytes"
  UNION ALL (
    SELECT c.oid::regclass::text, x.pages * current_setting('block_size')::bigint
    FROM owners AS o CROSS JOIN LATERAL (SELECT x.* FROM pg_class AS x WHERE x.oid = o.oid OFFSET 0) AS c
    LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
    CROSS JOIN LATERAL (SELECT c.relpages + coalesce(t.relpages, 0) + coalesce(sum(n.relpages::bigint),
      0)::bigint AS pages
      FROM pg_index AS i JOIN pg_class AS n ON n.oid = i.indexrelid WHERE i.indrelid = c.oid) AS x
    WHERE c.relkind IN ('r', 'm') AND
  """ + ownRelation + """
    ORDER BY x.pages DESC, 1 LIMIT 10)
    """

/// One row of `sizesQuestion`: the database itself has no name.
struct SizeRow: Decodable, Sendable {
  let table: String?
  let bytes: Int64?
}
