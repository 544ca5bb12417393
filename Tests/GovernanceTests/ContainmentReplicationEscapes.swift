// What a READ ONLY transaction lets through, third part: replication, other sessions, statistics, SQL given as text.

private let hasTransactionID = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"

/// Replication, backup, other sessions, statistics.
enum ReplicationEscapes {
  private static let slot = "SELECT pg_create_physical_replication_slot('kept', true);"
  private static let noSlots = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots;"

  private static func slot(_ name: String, _ statement: String, before: String = "", after: String) -> Escape {
    Escape(
      name: name, statement: statement, rule: "function-server", before: before, after: after, cleanup: noSlots,
      plain: .refused("42501"))
  }

  static let slots: [Escape] = [
    slot(
      "pg_create_physical_replication_slot fills the disk", "SELECT pg_create_physical_replication_slot('made', true)",
      after: "SELECT count(*) = 1 FROM pg_replication_slots"),
    slot(
      "pg_create_logical_replication_slot fills the disk",
      "SELECT pg_create_logical_replication_slot('made', 'test_decoding')",
      after: "SELECT count(*) = 1 FROM pg_replication_slots"),
    slot(
      "pg_copy_physical_replication_slot fills the disk", "SELECT pg_copy_physical_replication_slot('kept', 'made')",
      before: slot, after: "SELECT count(*) = 2 FROM pg_replication_slots"),
    slot(
      "pg_drop_replication_slot takes a replica its changes", "SELECT pg_drop_replication_slot('kept')", before: slot,
      after: "SELECT count(*) = 0 FROM pg_replication_slots"),
    slot(
      "pg_replication_slot_advance takes a replica its changes",
      "SELECT pg_replication_slot_advance('kept', pg_current_wal_lsn())",
      before: slot + " SELECT restart_lsn AS start FROM pg_replication_slots \\gset\nSELECT pg_switch_wal();",
      after: "SELECT restart_lsn > :'start' FROM pg_replication_slots"),
    slot(
      "pg_logical_slot_get_changes consumes a subscriber's changes",
      "SELECT * FROM pg_logical_slot_get_changes('kept', NULL, NULL)",
      before: """
        SELECT pg_create_logical_replication_slot('kept', 'test_decoding');
        SET synchronous_commit = on;
        INSERT INTO t VALUES (1000, 'new');
        SELECT confirmed_flush_lsn AS start FROM pg_replication_slots \\gset
        """, after: "SELECT confirmed_flush_lsn > :'start' FROM pg_replication_slots"),
    Escape(
      name: "pg_replication_origin_create makes a catalog row",
      statement: "SELECT pg_replication_origin_create('made')", rule: "function-server",
      inside: "SELECT count(*) = 1 FROM pg_replication_origin", plain: .refused("42501")),
    Escape(
      name: "pg_replication_origin_drop removes a catalog row", statement: "SELECT pg_replication_origin_drop('kept')",
      rule: "function-server",
      before: "SELECT pg_replication_origin_create('kept');", inside: "SELECT count(*) = 0 FROM pg_replication_origin",
      cleanup: "SELECT pg_replication_origin_drop('kept');", plain: .refused("42501")),
  ]

  static let server: [Escape] = [
    Escape(
      name: "pg_terminate_backend ends a session", statement: "SELECT pg_terminate_backend(pg_backend_pid())",
      rule: "function-server",
      said: "57P01", plain: .notStopped),
    Escape(
      name: "pg_cancel_backend ends a statement", statement: "SELECT pg_cancel_backend(pg_backend_pid())",
      rule: "function-server",
      said: "57014", plain: .notStopped),
    Escape(
      name: "pg_reload_conf makes the server read its settings again", statement: "SELECT pg_reload_conf()",
      rule: "function-restricted",
      before: "SELECT pg_conf_load_time() AS start \\gset",
      after: "SELECT pg_sleep(0.5); SELECT pg_conf_load_time() > :'start'", plain: .refused("42501")),
    Escape(
      name: "pg_rotate_logfile reaches the logger", statement: "SELECT pg_rotate_logfile()",
      rule: "function-restricted", said: "01000",
      plain: .refused("42501")),
    Escape(
      name: "pg_switch_wal begins a new file of the log of changes", statement: "SELECT pg_switch_wal()",
      rule: "function-restricted",
      before: """
        SELECT pg_logical_emit_message(false, 'm', 'x');
        SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS start \\gset
        """, inside: "SELECT pg_walfile_name(pg_current_wal_insert_lsn() + 1) <> :'start'", plain: .refused("42501")),
    Escape(
      name: "pg_backup_start begins a backup", statement: "SELECT pg_backup_start('made', true)",
      rule: "function-restricted",
      after: "SELECT lsn IS NOT NULL FROM pg_backup_stop(false)", plain: .refused("42501")),
    Escape(
      name: "pg_create_restore_point writes into the log of changes",
      statement: "SELECT pg_create_restore_point('made')", rule: "function-restricted",
      before: "SELECT pg_current_wal_insert_lsn() AS start \\gset", after: walHolds("record_type = 'RESTORE_POINT'"),
      plain: .refused("42501")),
    Escape(
      name: "pg_log_backend_memory_contexts fills the server's log",
      statement: "SELECT pg_log_backend_memory_contexts(pg_backend_pid())", rule: "function-restricted",
      before: "SELECT (pg_stat_file('../log')).size AS start \\gset",
      after: "SELECT pg_sleep(0.3); SELECT (pg_stat_file('../log')).size > :'start'", plain: .refused("42501")),
  ]

  static let statistics: [Escape] = [
    Escape(
      name: "pg_stat_reset forgets statistics", statement: "SELECT pg_stat_reset()", rule: "function-restricted",
      after: """
        SELECT pg_sleep(0.3);
        SELECT stats_reset IS NOT NULL FROM pg_stat_database WHERE datname = current_database()
        """, plain: .refused("42501")),
    Escape(
      name: "pg_stat_reset_shared forgets statistics", statement: "SELECT pg_stat_reset_shared('bgwriter')",
      rule: "function-restricted",
      before: "SELECT stats_reset AS start FROM pg_stat_bgwriter \\gset",
      after: "SELECT pg_sleep(0.3); SELECT stats_reset > :'start' FROM pg_stat_bgwriter", plain: .refused("42501")),
    Escape(
      name: "pg_stat_statements_reset forgets statistics", statement: "SELECT pg_stat_statements_reset()",
      rule: "function-restricted",
      before: "SELECT stats_reset AS start FROM pg_stat_statements_info \\gset",
      after: "SELECT stats_reset > :'start' FROM pg_stat_statements_info", plain: .refused("42501")),
  ]

  static let all = slots + server + statistics
}

/// Functions that run SQL given as text, with something of the above inside.
enum TextEscapes {
  private static func text(_ name: String, _ statement: String, before: String = "") -> Escape {
    Escape(
      name: name, statement: statement, rule: "function-sql-text", before: before, inside: hasTransactionID,
      refusedFrom: (major: 16, state: "25006"),
      plain: .notStopped)
  }

  static let all: [Escape] = [
    text(
      "query_to_xml runs SQL given as text", "SELECT query_to_xml('SELECT lo_create(4715)', true, false, '')"),
    text(
      "ts_stat runs SQL given as text", "SELECT * FROM ts_stat('SELECT to_tsvector(lo_create(4715)::text)')"),
    text(
      "ts_rewrite runs SQL given as text",
      "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, lo_create(4715)::text::tsquery')"),
    text(
      "connectby runs SQL given as text",
      """
      SELECT * FROM connectby('(SELECT lo_create(4715)::text AS k, ''p''::text AS p) AS s', 'k', 'p', 'p', 1)
        AS c(k text, p text, level int)
      """),
    text(
      "crosstab runs SQL given as text",
      "SELECT * FROM crosstab('SELECT ''a''::text, ''b''::text, lo_create(4715)::text') AS c(a text, b text)"),
    text(
      "xpath_table runs SQL given as text",
      "SELECT * FROM xpath_table('k', 'd', 'docs', '/x', 'lo_create(4715) > 0') AS x(k text, d text)",
      before: "CREATE TABLE docs AS SELECT 1 AS k, '<x/>'::text AS d; GRANT SELECT ON docs TO reader;"),
  ]
}
