// Statements that sort or hash on disk.

import Database

struct SpillingStatements: HealthCheck {
  let id = "spilling-statements"
  let about = CheckDescription(
    .queries, "Statements that spill to disk", why: "Sorting on disk takes several times as long as in memory.",
    rule: "spill-bytes of temporary files in all, or a hundredth of that at each call: info.", needs: [.statements])

  func question(for server: ServerInfo) -> SQL? { statementsQuestion(for: server) }

  func judge(_ rows: [StatementRow], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let bytes = row.spilled * Double(surroundings.server.blockSize)
      guard let number = row.queryID, bytes > 0,
        bytes >= limits["spill-bytes"] || bytes / Double(max(1, row.calls)) >= limits["spill-bytes"] / 100
      else { return nil }
      return finding(
        .info, .statement, String(number),
        "a statement wrote \(size(Int64(min(bytes, 1e18)))) of temporary files in \(row.calls) calls",
        [Figure("bytes", bytes, .bytes), Figure("calls", row.calls), row.statement],
        notes: ["raise work_mem for its role, or give it an index that sorts: pgadvisor explain shows where it spills"])
    }
  }
}
