// A statement that takes most of the time there is.

import Database

struct DominantStatements: HealthCheck {
  let id = "dominant-statements"
  let about = CheckDescription(
    .queries, "Statements that take most of the time",
    why: "What is gained in this one, everybody notices.",
    rule: "A third of the time of all statements of this database, where that is dominant-s or more: info.",
    needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.queryID != nil && $0.all >= limits["dominant-s"] * 1_000 && $0.all > 0 && $0.total * 3 >= $0.all
    }.map { row in
      let percent = row.total * 100 / row.all
      return finding(
        .info, .statement, String(row.queryID ?? 0),
        "one statement takes \(whole(percent)) % of the time, \(duration(row.total / 1_000)) in \(row.calls) calls",
        [
          Figure("share", percent, .percent), Figure("total", row.total, .milliseconds), Figure("calls", row.calls),
          Figure("mean", row.mean, .milliseconds), row.statement,
        ], notes: ["pgadvisor top lists them all, pgadvisor advise finds indexes for them"])
    }
  }

  func omissions(_ rows: [StatementRow], _ surroundings: Surroundings) -> [String] {
    let hidden = rows.count { $0.queryID == nil }
    return hidden == 0 ? [] : ["\(hidden) statements of other roles: GRANT pg_read_all_stats"]
  }
}
