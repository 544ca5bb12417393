// Statements that take longer to plan than to run.

import Database

struct PlannedStatements: HealthCheck {
  let id = "planned-statements"
  let about = CheckDescription(
    .queries, "Statements that take longer to plan than to run",
    why: "A prepared statement would be planned a few times, and then run.",
    rule: "At least slow-calls calls, planning-ms of planning in all, and more of it than of execution: info. "
      + "Counted with "
      + "pg_stat_statements.track_planning only.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.queryID != nil && Double($0.calls) >= limits["slow-calls"] && $0.planning >= max(1, limits["planning-ms"])
        && $0.planning > $0.total
    }.sorted { $0.planning > $1.planning }.map { row in
      finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement took \(duration(row.planning / 1_000)) to plan and \(duration(row.total / 1_000)) to run, in "
          + "\(row.calls) calls",
        [
          Figure("planning", row.planning, .milliseconds), Figure("total", row.total, .milliseconds),
          Figure("calls", row.calls), row.statement,
        ], notes: ["tables of very many partitions or indexes are planned for longest: many-partitions, many-indexes"])
    }
  }

  func omissions(_ rows: [StatementRow], _ surroundings: Surroundings) -> [String] {
    rows.isEmpty || rows.contains { $0.planning >= 0 }
      ? []
      : [
        "planning is not counted: "
          + "pg_stat_statements.track_planning"
      ]
  }
}
