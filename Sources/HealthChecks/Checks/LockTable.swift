// The shared table of locks, and how full it is.

import Database

struct LockTable: HealthCheck {
  let id = "lock-table"
  let about = CheckDescription(
    .locks, "The table of locks is filling up",
    why: "When it is full, statements of anybody fail with \"out of shared memory\".",
    rule: "lock-table-percent of max_locks_per_transaction × (max_connections + max_prepared_transactions) are taken: "
      + "warning.")

  struct Row: Decodable, Sendable {
    let taken: Int64
    let room: Int64
    let setting: Int64
    let pid: Int64?
    let most: Int64?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH held AS MATERIALIZED (
      SELECT l.pid, count(*) AS locks FROM pg_locks AS l
      WHERE NOT l.fastpath AND l.locktype <> 'virtualxid' AND l.pid IS DISTINCT FROM pg_backend_pid() GROUP BY l.pid
    )
    SELECT coalesce((SELECT sum(h.locks) FROM held AS h), 0)::bigint AS "taken",
      current_setting('max_locks_per_transaction')::bigint
        * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint) AS "room",
      current_setting('max_locks_per_transaction')::bigint AS "setting", m.pid::bigint AS "pid", m.locks AS "most"
    FROM (SELECT) AS always LEFT JOIN (SELECT h.pid, h.locks FROM held AS h ORDER BY h.locks DESC, h.pid LIMIT 1) AS m
      ON true
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let percent = Double(row.taken) * 100 / Double(max(1, row.room))
      guard percent >= limits["lock-table-percent"] else { return nil }
      let holder = row.pid.map {
        ["session \($0) holds \(row.most ?? 0) of them: SELECT * FROM pg_locks WHERE pid = \($0);"]
      }
      return finding(
        .warning, .server, "locks", "\(row.taken) of about \(row.room) locks are taken",
        [Figure("taken", row.taken), Figure("room", row.room), Figure("share", percent, .percent)],
        remedies: [
          changing("max_locks_per_transaction", to: "\(max(128, row.setting * 2))", on: surroundings, restarts: true)
        ], notes: (holder ?? []) + ["pg_dump and tables of many partitions take many at once"])
    }
  }
}
