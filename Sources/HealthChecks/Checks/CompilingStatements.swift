// Statements that are compiled for longer than it helps.

import Database

struct CompilingStatements: HealthCheck {
  let id = "compiling-statements"
  let about = CheckDescription(
    .queries, "Time spent on JIT compilation", why: "Compiling takes longer than it saves where statements are short.",
    rule: "At least slow-calls calls with a mean below a second, a fifth of whose time is compilation: notice. From "
      + "PostgreSQL 15.", needs: [.statements, .version(150_000)])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard let number = row.queryID, Double(row.calls) >= limits["slow-calls"], row.mean < 1_000, row.total > 0,
        row.compiling >= row.total / 5, row.compiling / Double(max(1, row.calls)) >= 1
      else { return nil }
      return finding(
        .notice, .statement, String(number),
        "\(whole(row.compiling * 100 / row.total)) % of a statement's time is compilation, over \(row.calls) calls",
        [
          Figure("compiling", row.compiling, .milliseconds), Figure("total", row.total, .milliseconds),
          Figure("calls", row.calls), row.statement,
        ], notes: ["for short statements: ALTER ROLE … SET jit = off; or a higher jit_above_cost"])
    }
  }

  func omissions(_ rows: [StatementRow], _ surroundings: Surroundings) -> [String] {
    rows.contains { $0.compiling < 0 } ? ["this version of pg_stat_statements counts no compilation: update it"] : []
  }
}
