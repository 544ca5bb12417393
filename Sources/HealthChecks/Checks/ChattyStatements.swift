// Short statements that are sent again and again for one row each.

import Database

struct ChattyStatements: HealthCheck {
  let id = "chatty-statements"
  let about = CheckDescription(
    .queries, "Statements that are sent for one row at a time",
    why: "The way there and back takes longer than the statement: one statement for all rows would be one way.",
    rule: "calls-per-day of less than a millisecond and at most one row each: info. From PostgreSQL 14.",
    needs: [.statements, .version(140_000)])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row -> (Double, Finding)? in
      guard let id = row.queryID, let days = row.days, row.mean < 1, row.rows <= Double(row.calls),
        row.text.map(Self.isRead) ?? true
      else { return nil }
      let rate = Double(row.calls) / max(days, 1.0 / 24)
      guard rate >= max(1, limits["calls-per-day"]) else { return nil }
      return (
        rate,
        finding(
          .info, .statement, String(id), "a statement for at most one row is sent \(whole(rate)) times a day",
          [
            Figure("calls", row.calls), Figure("per_day", rate, .count), Figure("mean", row.mean, .milliseconds),
            row.statement,
          ], notes: ["often a loop over the rows of another statement: a join, or = ANY ($1), asks once"])
      )
    }.sorted { $0.0 > $1.0 }.map(\.1)
  }

  /// What begins and ends transactions, and sets, is sent as often as people work.
  private static func isRead(_ text: String) -> Bool {
    let verb = text.drop { !$0.isLetter }.prefix { $0.isLetter }.lowercased()
    return verb == "select" || verb == "with"
  }
}
