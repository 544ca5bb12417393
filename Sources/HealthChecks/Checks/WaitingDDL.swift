// Changes of tables that wait for their lock, while everybody else waits behind them.

import Database

struct WaitingDDL: HealthCheck {
  let id = "waiting-ddl"
  let about = CheckDescription(
    .locks, "DDL that others queue behind",
    why: "Until it gets its lock, everybody who comes to the table waits, readers too: this is how migrations end "
      + "in outages.",
    rule: "An ACCESS EXCLUSIVE lock of a relation that is waited for since ddl-wait-s, with somebody else waiting "
      + "behind: "
      + "critical. What autovacuum waits for is left out, as it gives up by itself.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let pid: Int64
    let who: String
    let table: String?
    let seconds: Double
    let behind: Int64
    let blockers: [Int64]
  }

  /// Only of those who wait is asked for whom, and of them only when somebody wants such a lock.
  func question(for server: ServerInfo) -> SQL? {
    let since: SQL = server.majorVersion >= 14 ? "l.waitstart" : "coalesce(a.state_change, a.query_start)"
    return """
      WITH wanted AS MATERIALIZED (
        SELECT l.pid, l.relation, l.database, extract(epoch FROM clock_timestamp() -
      """ + since + """
          )::float8 AS seconds, concat_ws(', ', a.usename, nullif(a.application_name, ''), a.datname) AS who
          FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
          WHERE NOT l.granted AND l.mode = 'AccessExclusiveLock' AND l.locktype = 'relation'
            AND a.backend_type <> 'autovacuum worker'
          ORDER BY 4 DESC NULLS LAST, 1 LIMIT 50
        ), waiters AS MATERIALIZED (
          SELECT a.pid, pg_blocking_pids(a.pid) AS blockers FROM pg_stat_activity AS a
          WHERE a.wait_event_type = 'Lock' AND EXISTS (SELECT FROM wanted) LIMIT 500
        )
        SELECT w.pid::bigint AS "pid", w.who AS "who", coalesce(w.seconds, 0)::float8 AS "seconds",
          CASE WHEN w.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
            THEN w.relation::regclass::text END AS "table",
          (SELECT count(*) FROM waiters AS o WHERE w.pid = ANY (o.blockers)) AS "behind",
          coalesce((SELECT o.blockers FROM waiters AS o WHERE o.pid = w.pid), '{}') AS "blockers"
        FROM wanted AS w ORDER BY 3 DESC, 1
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.behind > 0 && $0.seconds >= limits["ddl-wait-s"] }.map { row in
      let blockers = row.blockers.prefix(20).map(String.init).joined(separator: "; ")
      return finding(
        .critical, .session, String(row.pid),
        "session \(row.pid) (\(row.who)) has waited for \(duration(row.seconds)) to lock "
          + "\(row.table ?? "a table of another database"), and \(row.behind) wait behind it",
        [
          Figure("waited", row.seconds, .seconds), Figure("behind", row.behind), Figure("waits_for", blockers),
          Figure("waited_for", row.table ?? ""),
        ],
        remedies: [
          Remedy(
            "SELECT pg_cancel_backend(\(row.pid));", risk: "its change is not made; try it again with lock_timeout",
            isForPeopleOnly: true)
        ],
        notes: ["SET lock_timeout = '2s'; before such a change, and again and again until it gets through"])
    }
  }
}
