// Views of a user's own over columns of system views that later releases do not have.

import Database

struct ChangedCatalogViews: HealthCheck {
  let id = "changed-catalog-views"
  let about = CheckDescription(
    .upgrade, "Views over system columns that go",
    why: "The view cannot be restored, and pg_upgrade, or the restored dump, stops there.",
    rule: "A view or materialized view that reads a column of a system view which was removed or renamed in a later "
      + "release up to PostgreSQL 18: warning.")

  struct Row: Decodable, Sendable {
    let view: String
    let isMaterialized: Bool
    let columns: [String]
    let release: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 18 else { return nil }
    return """
      SELECT v.oid::regclass::text AS "view", v.relkind = 'm' AS "isMaterialized",
        array_agg(DISTINCT k.relation || '.' || k.name ORDER BY k.relation || '.' || k.name) AS "columns",
        min(k.release)::bigint AS "release"
      FROM (VALUES ('pg_stat_bgwriter', 'checkpoints_timed', 17), ('pg_stat_bgwriter', 'checkpoints_req', 17),
        ('pg_stat_bgwriter', 'checkpoint_write_time', 17), ('pg_stat_bgwriter', 'checkpoint_sync_time', 17),
        ('pg_stat_bgwriter', 'buffers_checkpoint', 17), ('pg_stat_bgwriter', 'buffers_backend', 17),
        ('pg_stat_bgwriter', 'buffers_backend_fsync', 17), ('pg_stat_progress_vacuum', 'max_dead_tuples', 17),
        ('pg_stat_progress_vacuum', 'num_dead_tuples', 17), ('pg_stat_wal', 'wal_write', 18),
        ('pg_stat_wal', 'wal_sync', 18), ('pg_stat_wal', 'wal_write_time', 18), ('pg_stat_wal', 'wal_sync_time', 18),
        ('pg_stat_io', 'op_bytes', 18)) AS k(relation, name, release)
      JOIN pg_class AS c ON c.relname = k.relation AND c.relnamespace = 'pg_catalog'::regnamespace
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = k.name
      JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
        AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite AS w ON w.oid = d.objid JOIN pg_class AS v ON v.oid = w.ev_class
      WHERE v.oid >= 16384 AND k.release > current_setting('server_version_num')::int / 10000
      GROUP BY v.oid, v.relkind ORDER BY 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let columns = row.columns.prefix(5).joined(separator: ", ")
      return finding(
        .warning, .view, row.view, "\(row.view) reads \(columns), and PostgreSQL \(row.release) has no such column",
        [Figure("release", row.release), Figure("columns", columns)],
        remedies: [
          Remedy(
            "DROP \(row.isMaterialized ? "MATERIALIZED " : "")VIEW \(row.view);", .accessExclusive,
            risk: "keep its text (pg_get_viewdef) and its grants, and make it anew afterwards with what is there then")
        ])
    }
  }
}
