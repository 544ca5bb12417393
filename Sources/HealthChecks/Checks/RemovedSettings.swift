// Settings that are set here, and that a later release no longer has.

import Database

struct RemovedSettings: HealthCheck {
  let id = "removed-settings"
  let about = CheckDescription(
    .upgrade, "Settings that later releases do not have",
    why: "A server does not start with an unknown setting in its file, and what a role, database or function has set "
      + "cannot be restored.",
    rule: "A setting that is not at its default, for the server, a role, a database or a function, and was removed or "
      + "renamed in a later release up to PostgreSQL 18: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    /// As ALTER names it; nil for the server.
    let place: String?
    let isFunction: Bool
    let file: String?
  }

  /// The release without it, and its new name where it has one.
  /// https://www.postgresql.org/docs/release/
  private static let removals: [String: (release: Int, successor: String?)] = [
    "operator_precedence_warning": (14, nil), "vacuum_cleanup_index_scale_factor": (14, nil),
    "stats_temp_directory": (15, nil), "force_parallel_mode": (16, "debug_parallel_query"),
    "promote_trigger_file": (16, nil), "vacuum_defer_cleanup_age": (16, nil), "old_snapshot_threshold": (17, nil),
    "db_user_namespace": (17, nil), "trace_recovery_messages": (17, nil),
    "logical_replication_mode": (17, "debug_logical_replication_streaming"),
  ]

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 17 else { return nil }
    return """
      WITH removed(name) AS (VALUES ('operator_precedence_warning'), ('vacuum_cleanup_index_scale_factor'),
        ('stats_temp_directory'), ('force_parallel_mode'), ('promote_trigger_file'), ('vacuum_defer_cleanup_age'),
        ('old_snapshot_threshold'), ('db_user_namespace'), ('trace_recovery_messages'), ('logical_replication_mode'))
      SELECT s.name AS "name", NULL AS "place", false AS "isFunction", s.sourcefile AS "file"
      FROM removed AS k JOIN pg_settings AS s ON s.name = k.name
      WHERE s.source IN ('configuration file', 'command line', 'environment variable', 'global')
      UNION ALL
      SELECT k.name, CASE WHEN g.setrole <> 0 THEN 'ROLE ' || coalesce(quote_ident(r.rolname), 'ALL')
          || CASE WHEN g.setdatabase <> 0 THEN ' IN DATABASE ' || quote_ident(d.datname) ELSE '' END
          WHEN g.setdatabase <> 0 THEN 'DATABASE ' || quote_ident(d.datname) ELSE 'ROLE ALL' END, false, NULL
      FROM pg_db_role_setting AS g CROSS JOIN unnest(g.setconfig) AS o(setting)
      JOIN removed AS k ON k.name = split_part(o.setting, '=', 1)
      LEFT JOIN pg_roles AS r ON r.oid = g.setrole LEFT JOIN pg_database AS d ON d.oid = g.setdatabase
      UNION ALL
      SELECT k.name, CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || p.oid::regprocedure::text,
        true, NULL
      FROM pg_proc AS p CROSS JOIN unnest(p.proconfig) AS o(setting)
      JOIN removed AS k ON k.name = split_part(o.setting, '=', 1)
      WHERE p.proconfig IS NOT NULL ORDER BY 1, 2 NULLS FIRST LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard let (release, successor) = Self.removals[row.name], release > surroundings.server.majorVersion else {
        return nil
      }
      let fate =
        successor.map { "is called \($0) from PostgreSQL \(release) on" } ?? "is gone from PostgreSQL \(release) on"
      let notes = successor.map { ["afterwards set \($0) instead, if it is still wanted"] } ?? []
      if let place = row.place {
        return finding(
          .warning, row.isFunction ? .function : .setting, "\(row.name) of \(place)",
          "\(row.name), set for \(place), \(fate)",
          remedies: [Remedy("ALTER \(place) RESET \(row.name);")], notes: notes)
      }
      let file = row.file.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      return finding(
        .warning, .setting, row.name, "\(row.name) is set\(file.map { " in \($0)" } ?? ""), and \(fate)",
        remedies: file == "postgresql.auto.conf" && surroundings.platform == .selfManaged
          ? [Remedy("ALTER SYSTEM RESET \(row.name);", isTransactional: false)] : [],
        notes: notes + (file == "postgresql.auto.conf" ? [] : ["leave it out of the new server's configuration"]))
    }
  }
}
