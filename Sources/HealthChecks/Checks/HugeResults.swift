// Statements that give back very many rows at each call.

import Database

struct HugeResults: HealthCheck {
  let id = "huge-results"
  let about = CheckDescription(
    .queries, "Statements with very many rows",
    why: "Nobody reads so many: a limit, or a sum in the server, "
      + "sends less.",
    rule: "result-rows rows on average, over at least slow-calls calls: info. What reads all rows to keep them "
      + "elsewhere, "
      + "as COPY does, is left out.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      let verb = (row.text ?? "").drop { !$0.isLetter }.prefix { $0.isLetter }.lowercased()
      return row.queryID != nil && Double(row.calls) >= max(1, limits["slow-calls"])
        && (verb == "select" || verb == "with")
        && row.rows / Double(max(1, row.calls)) >= max(1, limits["result-rows"])
    }.map { row in
      let average = row.rows / Double(max(1, row.calls))
      return finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement gives back \(whole(average)) rows on average, over \(row.calls) calls",
        [Figure("rows_per_call", average, .count), Figure("calls", row.calls), row.statement],
        notes: ["pages by key (WHERE id > … ORDER BY id LIMIT …) cost the same for the last as for the first"])
    }
  }
}
