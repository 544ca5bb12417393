// Autovacuum switched off, for the server or for a table.

import Database

struct AutovacuumDisabled: HealthCheck {
  let id = "autovacuum-disabled"
  let about = CheckDescription(
    .vacuum, "Autovacuum switched off", why: "Dead rows stay, tables bloat, and statistics grow stale.",
    rule: "autovacuum or track_counts off: critical; off for one table: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let isSetting: Bool
    let isToast: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT s.name::text AS "name", true AS "isSetting", false AS "isToast" FROM pg_settings AS s
    WHERE s.name IN ('autovacuum', 'track_counts') AND s.setting = 'off'
    UNION ALL
    SELECT coalesce(o.oid, c.oid)::regclass::text, false, o.oid IS NOT NULL
    FROM pg_class AS c LEFT JOIN pg_class AS o ON o.reltoastrelid = c.oid
    WHERE c.reloptions IS NOT NULL AND c.relpersistence <> 't' AND EXISTS (
      SELECT FROM unnest(c.reloptions) AS r(option)
      WHERE split_part(r.option, '=', 1) = 'autovacuum_enabled'
        AND lower(split_part(r.option, '=', 2)) IN ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'))
    ORDER BY 2 DESC, 1, 3
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      guard row.isSetting else {
        let option = row.isToast ? "toast.autovacuum_enabled" : "autovacuum_enabled"
        return finding(
          .warning, .table, row.name, "\(option) is off for \(row.name)",
          remedies: [Remedy("ALTER TABLE \(row.name) RESET (\(option));", .shareUpdateExclusive)],
          notes: ["vacuuming against wraparound happens all the same"])
      }
      return finding(
        .critical, .setting, row.name, "\(row.name) is off for the whole server",
        remedies: [changing(row.name, to: "on", on: surroundings)])
    }
  }
}

/// A setting changed for the server, or where a managed service has its settings.
func changing(_ name: String, to value: String, on surroundings: Surroundings, restarts: Bool = false) -> Remedy {
  guard surroundings.platform == .selfManaged else {
    return Remedy("-- set \(name) = \(value) in the service's own settings", risk: restarts ? "needs a restart" : nil)
  }
  return Remedy(
    "ALTER SYSTEM SET \(name) = \(literal(value)); SELECT pg_reload_conf();",
    risk: restarts ? "takes effect at the next restart" : nil, isTransactional: false)
}
