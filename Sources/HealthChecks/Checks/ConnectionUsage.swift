// How near the server is to refusing connections.

import Database

struct ConnectionUsage: HealthCheck {
  let id = "connection-usage"
  let about = CheckDescription(
    .connections, "Connections in use", why: "When none is left, applications are refused.",
    rule: "Client connections: warning from connections-warning-percent, critical from connections-critical-percent of "
      + "what is not reserved; a role or database near its own limit: warning; nothing reserved for superusers: warning."
  )

  struct Row: Decodable, Sendable {
    let name: String?
    let isRole: Bool
    let used: Int64
    let limit: Int64
    let reserved: Int64
    let idle: Int64
  }

  /// Of all sessions only one pass makes whole rows; what limits are compared with needs no more than their numbers.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT NULL AS "name", false AS "isRole",
      count(*) FILTER (WHERE backend_type = 'client backend' OR backend_type IS NULL AND datid IS NOT NULL) AS "used",
      current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
        - coalesce(current_setting('reserved_connections', true), '0')::bigint AS "limit",
      current_setting('superuser_reserved_connections')::bigint AS "reserved",
      count(*) FILTER (WHERE state = 'idle') AS "idle"
    FROM pg_stat_activity
    UNION ALL
    SELECT quote_ident(r.rolname), true, (SELECT count(*) FROM pg_stat_get_backend_idset() AS b
      WHERE pg_stat_get_backend_userid(b) = r.oid), r.rolconnlimit, 1, 0
    FROM pg_roles AS r WHERE r.rolconnlimit > 0 AND NOT r.rolsuper AND r.rolcanlogin
    UNION ALL
    SELECT quote_ident(d.datname), false, pg_stat_get_db_numbackends(d.oid), d.datconnlimit, 1, 0
    FROM pg_database AS d WHERE d.datconnlimit > 0
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let rows = rows.sorted { ($0.name ?? "", $0.isRole ? 1 : 0) < ($1.name ?? "", $1.isRole ? 1 : 0) }
    return rows.flatMap { row -> [Finding] in
      let percent = Double(row.used) * 100 / Double(max(1, row.limit))
      let figures = [Figure("used", row.used), Figure("limit", row.limit), Figure("idle", row.idle)]
      guard let name = row.name else {
        var found: [Finding] = []
        if percent >= limits["connections-warning-percent"] {
          found.append(
            finding(
              percent >= limits["connections-critical-percent"] ? .critical : .warning, .server, "connections",
              "\(row.used) of \(row.limit) connections are in use, \(row.idle) of them idle", figures,
              notes: ["a pooler such as PgBouncer helps more than a larger max_connections"]))
        }
        if row.reserved == 0 {
          found.append(
            finding(
              .warning, .setting, "superuser_reserved_connections", "no connection is kept for superusers",
              remedies: [changing("superuser_reserved_connections", to: "3", on: surroundings, restarts: true)],
              why: "When all connections are taken nobody can look what takes them."))
        }
        return found
      }
      guard percent >= 80 else { return [] }
      let sql = row.isRole ? "ALTER ROLE \(name) CONNECTION LIMIT -1;" : "ALTER DATABASE \(name) CONNECTION LIMIT -1;"
      return [
        finding(
          .warning, row.isRole ? .role : .database, name,
          "\(name) uses \(row.used) of the \(row.limit) connections it may have", figures,
          remedies: [Remedy(sql, risk: "the server's own limit is the next")])
      ]
    }
  }
}
