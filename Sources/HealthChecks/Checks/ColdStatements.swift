// Statements whose blocks are seldom in memory.

import Database

struct ColdStatements: HealthCheck {
  let id = "cold-statements"
  let about = CheckDescription(
    .queries, "Statements that read from outside shared_buffers",
    why: "Each call waits for blocks that are not there, and pushes out those of others.",
    rule: "At least statement-blocks blocks read, and less than nine tenths of what it asked for found: info.",
    needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.queryID != nil && $0.read >= max(1, limits["statement-blocks"]) && $0.read * 10 > $0.hit + $0.read
    }.sorted { $0.read > $1.read }.map { row in
      let percent = row.hit * 100 / max(1, row.hit + row.read)
      return finding(
        .info, .statement, String(row.queryID ?? 0),
        "a statement found \(whole(percent)) % of its blocks in shared_buffers, and read "
          + "\(whole(row.read / Double(max(1, row.calls)))) a call",
        [
          Figure("hit", percent, .percent), Figure("read", row.read, .count), Figure("calls", row.calls), row.statement,
        ],
        notes: ["an index that leaves out what it does not need is the usual cure: pgadvisor advise looks for one"])
    }
  }
}
