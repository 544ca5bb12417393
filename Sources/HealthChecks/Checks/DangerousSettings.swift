// Settings that risk the data, for the server or for a role or database.

import Database

struct DangerousSettings: HealthCheck {
  let id = "dangerous-settings"
  let about = CheckDescription(
    .settings, "Settings that risk the data", why: "A crash, or nothing at all, may then lose or corrupt data.",
    rule: "fsync, full_page_writes, checks of damage and the like switched off: critical; synchronous_commit or a plan "
      + "type off for everybody: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let value: String
    let safe: String
    let isCritical: Bool
    let restarts: Bool
    let place: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH bad(name, value, safe, critical) AS (VALUES
      ('fsync', 'off', 'on', true), ('full_page_writes', 'off', 'on', true), ('zero_damaged_pages', 'on', 'off', true),
      ('ignore_checksum_failure', 'on', 'off', true), ('ignore_invalid_pages', 'on', 'off', true),
      ('ignore_system_indexes', 'on', 'off', true), ('allow_system_table_mods', 'on', 'off', true),
      ('data_sync_retry', 'on', 'off', true), ('session_replication_role', 'replica', 'origin', true),
      ('synchronous_commit', 'off', 'on', false), ('enable_seqscan', 'off', 'on', false),
      ('enable_indexscan', 'off', 'on', false), ('enable_bitmapscan', 'off', 'on', false),
      ('enable_hashjoin', 'off', 'on', false), ('enable_nestloop', 'off', 'on', false),
      ('enable_mergejoin', 'off', 'on', false), ('enable_sort', 'off', 'on', false), ('enable_hashagg', 'off',
        'on', false)
    )
    SELECT s.name::text AS "name", s.reset_val AS "value", b.safe AS "safe", b.critical AS "isCritical",
      s.context = 'postmaster' AS "restarts", NULL AS "place"
    FROM pg_settings AS s JOIN bad AS b ON b.name = s.name AND b.value = s.reset_val
    WHERE s.source NOT IN ('database', 'user', 'database user', 'client')
    UNION ALL
    SELECT split_part(o.setting, '=', 1), split_part(o.setting, '=', 2), b.safe, b.critical, false,
      CASE WHEN g.setrole <> 0 THEN 'ROLE ' || quote_ident(r.rolname)
        || CASE WHEN g.setdatabase <> 0 THEN ' IN DATABASE ' || quote_ident(d.datname) ELSE '' END
        ELSE 'DATABASE ' || quote_ident(d.datname) END
    FROM pg_db_role_setting AS g CROSS JOIN unnest(g.setconfig) AS o(setting)
    JOIN bad AS b ON b.name = split_part(o.setting, '=', 1) AND b.value = split_part(o.setting, '=', 2)
    LEFT JOIN pg_roles AS r ON r.oid = g.setrole LEFT JOIN pg_database AS d ON d.oid = g.setdatabase
    WHERE b.critical AND (g.setrole <> 0 OR g.setdatabase <> 0)
    ORDER BY 1, 6
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      guard let place = row.place else {
        return finding(
          row.isCritical ? .critical : .warning, .setting, row.name, "\(row.name) is \(row.value)",
          remedies: [changing(row.name, to: row.safe, on: surroundings, restarts: row.restarts)])
      }
      return finding(
        .critical, .setting, "\(row.name) of \(place)", "\(row.name) is \(row.value) for \(place)",
        remedies: [Remedy("ALTER \(place) RESET \(row.name);", risk: "holds from the next session on")])
    }
  }
}
