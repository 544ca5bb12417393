// Statements that write most of the WAL.

import Database

struct WALStatements: HealthCheck {
  let id = "wal-statements"
  let about = CheckDescription(
    .queries, "Statements that write very much WAL",
    why: "It is written, sent to every standby, archived and replayed.",
    rule: "statement-wal-bytes in all, and half as much as all statements of this list together: info. From "
      + "version 1.8 "
      + "of pg_stat_statements.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let all = rows.reduce(0) { $0 + max(0, $1.wal) }
    return rows.filter {
      $0.queryID != nil && $0.wal >= max(1, limits["statement-wal-bytes"]) && $0.wal * 2 >= all
    }.map { row in
      finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement wrote \(size(Int64(min(row.wal, 9e18)))) of WAL in \(row.calls) calls",
        [Figure("wal", row.wal, .bytes), Figure("calls", row.calls), row.statement],
        notes: [
          "rows that are rewritten without a change, and indexes that nobody needs, are written too",
          "just after a checkpoint each page goes in whole: checkpoint-settings",
        ])
    }
  }
}
