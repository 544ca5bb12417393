// Autovacuum switched off, for the server or for a table.

import Database

struct AutovacuumDisabled: HealthCheck {
  let id = "autovacuum-disabled"
  let about = CheckDescription(
    .vacuum, "Autovacuum switched off", why: "Dead rows stay, tables bloat, and statistics grow stale.",
    rule: "autovacuum or track_counts off: critical; off for one table: warning.",
    judgesSettings: true)

  struct Row: Decodable, Sendable {
    let name: String
    let isToast: Bool
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT coalesce(o.oid, c.oid)::regclass::text AS "name", o.oid IS NOT NULL AS "isToast"
    FROM all_tables AS c LEFT JOIN all_tables AS o ON o.reltoastrelid = c.oid
    WHERE c.reloptions IS NOT NULL AND c.relpersistence <> 't' AND EXISTS (
      SELECT FROM unnest(c.reloptions) AS r(option)
      WHERE split_part(r.option, '=', 1) = 'autovacuum_enabled'
        AND lower(split_part(r.option, '=', 2)) IN ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'))
    ORDER BY 1, 2
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let off = ["autovacuum", "track_counts"].filter { surroundings.settings[$0]?.value == "off" }.map { name in
      finding(
        .critical, .setting, name, "\(name) is off for the whole server",
        remedies: [changing(name, to: "on", on: surroundings)])
    }
    return off
      + rows.map { row in
        let option = row.isToast ? "toast.autovacuum_enabled" : "autovacuum_enabled"
        return finding(
          .warning, .table, row.name, "\(option) is off for \(row.name)",
          remedies: [Remedy("ALTER TABLE \(row.name) RESET (\(option));", .shareUpdateExclusive)],
          notes: ["vacuuming against wraparound happens all the same"])
      }
  }
}
