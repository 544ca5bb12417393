// Statements that have been running for long.

import Database

struct LongRunningQueries: HealthCheck {
  let id = "long-running-queries"
  let about = CheckDescription(
    .connections, "Statements that run for long",
    why: "It takes its share of the server, and VACUUM has to wait for it.",
    rule: "Running for query-warning-s: warning; for query-critical-s: critical. Backups, replication, VACUUM, index "
      + "builds and statements with /* pgadvisor:expected */ are left out.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let pid: Int64
    let who: String
    let seconds: Double
    let waits: String?
    let verb: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.pid AS "pid", concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      extract(epoch FROM clock_timestamp() - a.query_start)::float8 AS "seconds",
      a.wait_event_type || ': ' || a.wait_event AS "waits", upper(left(substring(a.query FROM '[A-Za-z]+'), 20)) AS "verb"
    FROM pg_stat_activity AS a
    WHERE a.state = 'active' AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
      AND a.application_name !~ '^(pg_dump|pg_restore|pg_repack|pg_basebackup|pg_squeeze)'
      AND a.query !~* '^\\s*(vacuum|analyze|create\\s+(unique\\s+)?index|reindex|refresh|cluster|copy)\\y'
      AND a.query NOT LIKE '%pgadvisor:expected%'
    ORDER BY a.query_start, a.pid LIMIT 200
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.seconds >= limits["query-warning-s"] }.map { row in
      let waits = row.waits.map { ", now waiting for \($0)" } ?? ""
      return finding(
        row.seconds >= limits["query-critical-s"] ? .critical : .warning, .session, String(row.pid),
        "session \(row.pid) (\(row.who)) has been running one statement for \(duration(row.seconds))\(waits)",
        [Figure("running", row.seconds, .seconds), Figure("begins_with", row.verb ?? "")],
        remedies: [
          Remedy("SELECT pg_cancel_backend(\(row.pid));", risk: "the statement's work is lost", isForPeopleOnly: true)
        ],
        // Its text holds people's data.
        notes: ["to see it: SELECT query FROM pg_stat_activity WHERE pid = \(row.pid);"])
    }
  }
}
