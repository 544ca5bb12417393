// Statements that are quick most of the time, and now and then very slow.

import Database

struct UnsteadyStatements: HealthCheck {
  let id = "unsteady-statements"
  let about = CheckDescription(
    .queries, "Statements with very uneven times",
    why: "A changing plan, a lock or a cold cache makes somebody wait from time to time.",
    rule:
      "At least 50 calls, a standard deviation of three times the mean, and one call of twenty times the mean that took "
      + "slow-ms: info.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard let number = row.queryID, row.calls >= 50, row.deviation > 3 * row.mean, row.longest > 20 * row.mean,
        row.longest >= limits["slow-ms"]
      else { return nil }
      return finding(
        .info, .statement, String(number),
        "a statement takes \(whole(row.mean)) ms on average and \(whole(row.longest)) ms at worst, over \(row.calls) calls",
        [
          Figure("mean", row.mean, .milliseconds), Figure("longest", row.longest, .milliseconds),
          Figure("deviation", row.deviation, .milliseconds), Figure("calls", row.calls), row.statement,
        ], notes: ["auto_explain with log_min_duration catches the slow plan; log_lock_waits tells of locks"])
    }
  }
}
