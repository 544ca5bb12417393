// Advisory locks that somebody has taken and forgotten.

import Database

struct AdvisoryLocks: HealthCheck {
  let id = "advisory-locks"
  let about = CheckDescription(
    .locks, "Advisory locks that are kept",
    why: "Whoever wants the same lock waits for a session that does nothing, and each takes room in the table of "
      + "locks.",
    rule: "At least advisory-locks of one session, or any of a session that has been idle, outside of a "
      + "transaction, for "
      + "advisory-idle-s: info. Job queues hold many by design.", needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let pid: Int64
    let who: String
    let locks: Int64
    let idle: Double?
    let waiting: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT l.pid::bigint AS "pid", concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS "who",
      l.held AS "locks", (SELECT count(*) FROM pg_locks AS w WHERE w.locktype = 'advisory' AND NOT w.granted) AS "waiting",
      CASE WHEN a.state = 'idle' THEN extract(epoch FROM clock_timestamp() - a.state_change) END::float8 AS "idle"
    FROM (SELECT k.pid, count(*) AS held FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.granted
      AND k.pid IS DISTINCT FROM pg_backend_pid() GROUP BY k.pid) AS l
    JOIN pg_stat_activity AS a ON a.pid = l.pid ORDER BY l.held DESC, 1 LIMIT 200
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      row.locks > 0
        && (Double(row.locks) >= limits["advisory-locks"] || row.idle.map { $0 >= limits["advisory-idle-s"] } ?? false)
    }.map { row in
      finding(
        .info, .session, String(row.pid),
        "session \(row.pid) (\(row.who)) holds \(row.locks) advisory locks"
          + (row.idle.map { ", and has been idle for \(duration($0))" } ?? ""),
        [Figure("locks", row.locks), Figure("waiting_for_any", row.waiting)]
          + (row.idle.map { [Figure("idle", $0, .seconds)] } ?? []),
        remedies: [
          Remedy("SELECT pg_terminate_backend(\(row.pid));", risk: "the session ends", isForPeopleOnly: true)
        ],
        notes: [
          "only its own session can give them back: SELECT pg_advisory_unlock_all();",
          "pg_advisory_xact_lock() ends with its transaction",
        ])
    }
  }
}
