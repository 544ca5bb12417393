// Many connections, nearly all of which do nothing.

import Database

struct IdleSessions: HealthCheck {
  let id = "idle-sessions"
  let about = CheckDescription(
    .connections, "Many idle connections",
    why: "Each is a process with its memory, and makes every snapshot a little dearer.",
    rule: "At least idle-sessions of a role that do nothing, four fifths of its connections, and the longest idle for "
      + "idle-session-s: info. Poolers keep some by design.", needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let role: String
    let idle: Int64
    let all: Int64
    let longest: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(a.usename) AS "role", count(*) FILTER (WHERE a.state = 'idle') AS "idle", count(*) AS "all",
      coalesce(max(extract(epoch FROM clock_timestamp() - a.state_change)) FILTER (WHERE a.state = 'idle'), 0)::float8
        AS "longest"
    FROM pg_stat_activity AS a
    WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid() AND a.usename IS NOT NULL
    GROUP BY a.usename ORDER BY 2 DESC, 1 LIMIT 50
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.idle > 0 && Double($0.idle) >= limits["idle-sessions"] && $0.idle * 5 >= $0.all * 4
        && $0.longest >= limits["idle-session-s"]
    }.map { row in
      finding(
        .info, .role, row.role,
        "\(row.idle) of \(row.all) connections of \(row.role) do nothing, one of them for \(duration(row.longest))",
        [
          Figure("idle", row.idle), Figure("connections", row.all), Figure("longest", row.longest, .seconds),
        ],
        remedies: surroundings.server.versionNumber >= 140_000
          ? [
            Remedy(
              "ALTER ROLE \(row.role) SET idle_session_timeout = '1h';",
              risk: "holds from the next connection on; a pooler must be told, or its clients see errors")
          ] : [],
        notes: ["a smaller pool is the better cure: fewer connections than processors do as much work"])
    }
  }
}
