// Sessions that have begun a transaction and do nothing.

import Database

struct IdleInTransaction: HealthCheck {
  let id = "idle-in-transaction"
  let about = CheckDescription(
    .connections, "Idle in transaction", why: "It keeps its locks, and may keep VACUUM from removing dead rows.",
    rule: "Idle for idle-transaction-warning-s: warning; for idle-transaction-critical-s: critical.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let pid: Int64
    let who: String
    let role: String
    let seconds: Double
    let locks: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.pid AS "pid", concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      coalesce(quote_ident(a.usename), '') AS "role",
      extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS "seconds",
      (SELECT count(*) FROM pg_locks AS l WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted) AS "locks"
    FROM pg_stat_activity AS a WHERE a.state LIKE 'idle in transaction%' ORDER BY a.state_change, a.pid LIMIT 200
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.seconds >= limits["idle-transaction-warning-s"] }.map { row in
      finding(
        row.seconds >= limits["idle-transaction-critical-s"] ? .critical : .warning, .session, String(row.pid),
        "session \(row.pid) (\(row.who)) has been idle in its transaction for \(duration(row.seconds))",
        [Figure("idle", row.seconds, .seconds), Figure("locked_relations", row.locks)],
        remedies: [
          Remedy(
            "SELECT pg_terminate_backend(\(row.pid));", risk: "its transaction is rolled back", isForPeopleOnly: true)
        ],
        notes: row.role.isEmpty
          ? []
          : ["to end such sessions always: ALTER ROLE \(row.role) SET idle_in_transaction_session_timeout = '5min';"])
    }
  }
}
