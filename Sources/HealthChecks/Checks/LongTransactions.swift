// Transactions that have been open for long while their session goes on working.

import Database

struct LongTransactions: HealthCheck {
  let id = "long-transactions"
  let about = CheckDescription(
    .connections, "Transactions that are open for long",
    why: "Its locks and its snapshot stay to the end: rows that others delete meanwhile cannot be cleaned up.",
    rule: "Open for transaction-warning-s: warning; for transaction-critical-s: critical. What idle-in-transaction and "
      + "long-running-queries report of the same session, backups and replication are left out.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let pid: Int64
    let who: String
    let open: Double
    let state: String
    /// Of its statement, or of its idling.
    let lasting: Double
    let isExpected: Bool
    let hasWritten: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.pid AS "pid", concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS "open", coalesce(a.state, '') AS "state",
      coalesce(extract(epoch FROM clock_timestamp()
        - CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END), 0)::float8 AS "lasting",
      coalesce(a.query LIKE '%pgadvisor:expected%', false) AS "isExpected", a.backend_xid IS NOT NULL AS "hasWritten"
    FROM pg_stat_activity AS a
    WHERE a.xact_start IS NOT NULL AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
      AND a.application_name !~ '^(pg_dump|pg_restore|pg_repack|pg_basebackup|pg_squeeze)'
      AND coalesce(a.query, '') !~* '^\\s*(vacuum|analyze|create\\s+(unique\\s+)?index|reindex|refresh|cluster|copy)\\y'
    ORDER BY a.xact_start, a.pid LIMIT 200
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      guard row.open >= limits["transaction-warning-s"], !row.isExpected else { return false }
      let others = limits[row.state == "active" ? "query-warning-s" : "idle-transaction-warning-s"]
      return row.lasting < others
    }.map { row in
      finding(
        row.open >= limits["transaction-critical-s"] ? .critical : .warning, .session, String(row.pid),
        "session \(row.pid) (\(row.who)) has had one transaction open for \(duration(row.open)), and is \(row.state)",
        [Figure("open", row.open, .seconds), Figure("state", row.state)],
        remedies: [
          Remedy(
            "SELECT pg_terminate_backend(\(row.pid));",
            risk: row.hasWritten ? "what it has written is rolled back" : "its transaction is rolled back",
            isForPeopleOnly: true)
        ],
        notes: ["work in parts that are committed one by one holds up nobody"])
    }
  }
}
