// Statements that are slow on average, as pg_stat_statements recorded them.

import Database

struct SlowStatements: HealthCheck {
  let id = "slow-statements"
  let about = CheckDescription(
    .queries, "Slow statements", why: "Each call keeps somebody waiting.",
    rule: "Mean time from slow-ms with at least slow-calls calls: info.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.mean >= limits["slow-ms"] && Double($0.calls) >= limits["slow-calls"] && $0.queryID != nil
    }.map { row in
      finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement takes \(whole(row.mean)) ms on average, over \(row.calls) calls",
        [
          Figure("mean", row.mean, .milliseconds), Figure("calls", row.calls),
          Figure("total", row.total, .milliseconds), row.statement,
        ], notes: ["pgadvisor top lists them all, pgadvisor advise finds indexes for them"])
    }
  }

  func omissions(_ rows: [StatementRow], _ surroundings: Surroundings) -> [String] {
    let hidden = rows.count { $0.queryID == nil }
    return hidden == 0 ? [] : ["\(hidden) statements of other roles: GRANT pg_read_all_stats"]
  }
}
