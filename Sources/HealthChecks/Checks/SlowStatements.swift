// Statements that are slow on average, as pg_stat_statements recorded them.

import Database

struct SlowStatements: HealthCheck {
  let id = "slow-statements"
  let about = CheckDescription(
    .queries, "Slow statements", why: "Each call keeps somebody waiting.",
    rule: "Mean time from slow-ms with at least slow-calls calls: info.", needs: [.statements])

  struct Row: Decodable, Sendable {
    let queryID: Int64?
    let text: String?
    let calls: Int64
    let mean: Double
    let total: Double
  }

  /// Only the counters and texts of this database, without ours.
  func question(for server: ServerInfo) -> SQL? {
    guard case .installed(_, let version) = server.statStatements else { return nil }
    let parts = version.split(separator: ".").compactMap { Int($0) }
    let isOld = parts.count == 2 && parts[0] == 1 && parts[1] < 8
    let times: SQL =
      isOld
      ? " s.mean_time AS mean, s.total_time AS total\n" : " s.mean_exec_time AS mean, s.total_exec_time AS total\n"
    return """
      SELECT x.queryid AS "queryID", left(x.query, 300) AS "text", x.calls AS "calls", x.mean::float8 AS "mean",
        x.total::float8 AS "total"
      FROM (SELECT s.dbid, s.queryid, s.query, s.calls,
      """ + times + """
          FROM pg_stat_statements AS s) AS x
        WHERE x.dbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) AND x.mean >= 1
          AND coalesce(strpos(x.query, '/* pgadvisor */'), 0) = 0
        ORDER BY x.total DESC, x.queryid LIMIT 200
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.mean >= limits["slow-ms"] && Double($0.calls) >= limits["slow-calls"] && $0.queryID != nil
    }.map { row in
      finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement takes \(whole(row.mean)) ms on average, over \(row.calls) calls",
        [
          Figure("mean", row.mean, .milliseconds), Figure("calls", row.calls),
          Figure("total", row.total, .milliseconds), Figure("statement", row.text ?? "not readable by this role"),
        ], notes: ["pgadvisor top lists them all, pgadvisor advise finds indexes for them"])
    }
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let hidden = rows.count { $0.queryID == nil }
    return hidden == 0 ? [] : ["\(hidden) statements of other roles: GRANT pg_read_all_stats"]
  }
}
