// Sessions that wait for a lock, traced to the one that everybody waits for.

import Database

struct BlockedSessions: HealthCheck {
  let id = "blocked-sessions"
  let about = CheckDescription(
    .locks, "Sessions that wait for another's lock",
    why: "Whoever waits does nothing, and whoever comes next queues behind.",
    rule: "A wait of blocked-warning-s, or blocked-warning-count sessions behind one: warning; a wait of "
      + "blocked-critical-s: critical. Reported once, at the root of the chain.",
    needs: [.monitoring])

  struct Row: Decodable, Sendable {
    let root: Int64
    let who: String
    let state: String
    let waiting: Int64
    let seconds: Double
    let pids: [Int64]
    /// What they wait for, or whose rows, in this database.
    let tables: [String]
  }

  /// pg_blocking_pids takes every lock partition for a moment: it is asked only of those who wait. A prepared
  /// transaction is number 0.
  func question(for server: ServerInfo) -> SQL? {
    """
    WITH RECURSIVE w AS MATERIALIZED (
      SELECT pid, pg_blocking_pids(pid) AS blockers,
        extract(epoch FROM clock_timestamp() - coalesce(state_change, query_start))::float8 AS seconds
      FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 500
    ), e AS (SELECT DISTINCT w.pid, b.pid AS blocker, w.seconds FROM w CROSS JOIN unnest(w.blockers) AS b(pid)
    ), chain AS (
      SELECT blocker AS root, pid, seconds, 1 AS depth FROM e WHERE blocker NOT IN (SELECT pid FROM w)
      UNION SELECT c.root, e.pid, e.seconds, c.depth + 1 FROM chain AS c JOIN e ON e.blocker = c.pid WHERE c.depth < 20
    )
    SELECT c.root AS "root", coalesce(concat_ws(', ', a.usename, nullif(a.application_name, '')), '') AS "who",
      coalesce(a.state, 'a prepared transaction') AS "state", count(DISTINCT c.pid) AS "waiting",
      max(c.seconds) AS "seconds", array_agg(DISTINCT c.pid) AS "pids",
      ARRAY(SELECT DISTINCT l.relation::regclass::text FROM pg_locks AS l WHERE l.pid = ANY (array_agg(c.pid))
        AND l.relation IS NOT NULL AND (NOT l.granted OR l.locktype = 'tuple')
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        ORDER BY 1 LIMIT 20) AS "tables"
    FROM chain AS c LEFT JOIN pg_stat_activity AS a ON a.pid = c.root
    GROUP BY c.root, a.usename, a.application_name, a.state ORDER BY 4 DESC, 1
    """
  }

  /// What works can be cancelled; what is idle in its transaction has nothing to cancel.
  private static func ending(_ row: Row) -> Remedy {
    row.state == "active"
      ? Remedy(
        "SELECT pg_cancel_backend(\(row.root));", risk: "the statement's work is lost; if it does not help, terminate",
        isForPeopleOnly: true)
      : Remedy(
        "SELECT pg_terminate_backend(\(row.root));", risk: "its transaction is rolled back", isForPeopleOnly: true)
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.seconds >= limits["blocked-warning-s"] || Double($0.waiting) >= limits["blocked-warning-count"]
    }.map { row in
      let list = row.pids.prefix(20).map(String.init).joined(separator: ", ")
      return finding(
        row.seconds >= limits["blocked-critical-s"] ? .critical : .warning, .session, String(row.root),
        "\(row.waiting) wait for session \(row.root) (\(row.who.isEmpty ? row.state : "\(row.who), \(row.state)")), "
          + "the longest for \(duration(row.seconds))",
        [Figure("waiting", row.waiting), Figure("longest", row.seconds, .seconds), Figure("waiting_sessions", list)]
          + (row.tables.isEmpty ? [] : [Figure("waited_for", row.tables.joined(separator: "; "))]),
        remedies: row.root == 0 ? [] : [Self.ending(row)],
        notes: row.root == 0 ? ["see prepared-transactions"] : ["end the root only: the others then go on"])
    }
  }
}
