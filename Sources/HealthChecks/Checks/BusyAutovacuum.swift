// Autovacuum that does not keep up: all its workers are busy, and stay so.

import Database

struct BusyAutovacuum: HealthCheck {
  let id = "busy-autovacuum"
  let about = CheckDescription(
    .vacuum, "Autovacuum at its limit",
    why: "Tables that need it wait until a worker is free, and bloat meanwhile.",
    rule: "All autovacuum_max_workers there are at work, none of them for less than autovacuum-busy-s: warning; "
      + "one at the "
      + "same table for autovacuum-long-s, also to prevent wraparound: notice.",
    needs: [.monitoring, .primary])

  struct Row: Decodable, Sendable {
    let pid: Int64?
    /// Since the worker began, and since it is at this table.
    let seconds: Double?
    let atTable: Double?
    let database: String?
    let table: String?
    let preventsWraparound: Bool?
    let workers: Int64
    let costLimit: Int64
  }

  /// A worker ends when it has done all tables of its database that needed it. The table's name is only known in its own
  /// database.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT a.pid::bigint AS "pid", extract(epoch FROM clock_timestamp() - a.backend_start)::float8 AS "seconds",
      extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS "atTable",
      a.datname::text AS "database", CASE WHEN a.datname = current_database() THEN p.relid::regclass::text END AS "table",
      a.query LIKE '%(to prevent wraparound)%' AS "preventsWraparound",
      current_setting('autovacuum_max_workers')::bigint AS "workers",
      CASE WHEN current_setting('autovacuum_vacuum_cost_limit') = '-1' THEN current_setting('vacuum_cost_limit')
        ELSE current_setting('autovacuum_vacuum_cost_limit') END::bigint AS "costLimit"
    FROM (SELECT) AS always LEFT JOIN (pg_stat_activity AS a LEFT JOIN pg_stat_progress_vacuum AS p ON p.pid = a.pid)
      ON a.backend_type = 'autovacuum worker'
    ORDER BY 2 DESC NULLS LAST, 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let busy = rows.compactMap { row in row.seconds.map { (row: row, seconds: $0) } }
    guard let first = rows.first, !busy.isEmpty else { return [] }
    // Before 16 it reads the settings anew only between tables.
    let isLate = surroundings.server.majorVersion < 16
    let faster = changing(
      "autovacuum_vacuum_cost_limit", to: "\(max(2_000, min(10_000, first.costLimit * 2)))", on: surroundings)
    var findings: [Finding] = []
    let shortest = busy.map(\.seconds).min() ?? 0
    if Int64(busy.count) >= first.workers, shortest >= limits["autovacuum-busy-s"] {
      findings.append(
        finding(
          .warning, .server, "autovacuum",
          "all \(first.workers) workers of autovacuum have been at work for \(duration(shortest)) or longer",
          [
            Figure("workers", first.workers), Figure("shortest", shortest, .seconds),
            Figure("cost_limit", first.costLimit),
          ],
          remedies: [faster],
          notes: [
            "the limit is shared by all workers: more of them alone makes each slower",
            surroundings.server.majorVersion >= 18
              ? "autovacuum_max_workers may be raised without a restart, up to autovacuum_worker_slots"
              : "autovacuum_max_workers takes a restart",
          ] + (isLate ? ["each worker takes the new limit over with its next table"] : [])))
    }
    let long = rows.compactMap { row in row.atTable.map { (row, $0) } }
    findings += long.filter { $0.1 >= limits["autovacuum-long-s"] }.map { row, seconds in
      let table = row.table ?? "a table of \(row.database ?? "another database")"
      let reason = row.preventsWraparound == true ? " to prevent wraparound" : ""
      return finding(
        .notice, .session, String(row.pid ?? 0),
        "autovacuum has been working at \(table)\(reason) for \(duration(seconds))",
        [Figure("working", seconds, .seconds), Figure("table", table)],
        remedies: [faster],
        notes: ["wait for it: what is cancelled begins anew, and to prevent wraparound it comes back at once"])
    }
    return findings
  }
}
