// Transactions that are rolled back.

import Database

struct Rollbacks: HealthCheck {
  let id = "rollbacks"
  let about = CheckDescription(
    .connections, "Transactions that are rolled back",
    why: "Work is done for nothing, and somebody's request has "
      + "failed.",
    rule: "Of at least counted-transactions in this database rollback-percent rolled back: info.")

  struct Row: Decodable, Sendable {
    let committed: Int64
    let rolledBack: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT d.xact_commit AS "committed", d.xact_rollback AS "rolledBack"
    FROM pg_stat_database AS d WHERE d.datname = current_database()
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      let all = Double(row.committed) + Double(row.rolledBack)
      return row.rolledBack > 0 && all >= limits["counted-transactions"]
        && Double(row.rolledBack) * 100 >= all * limits["rollback-percent"]
    }.map { row in
      let percent = Double(row.rolledBack) * 100 / (Double(row.committed) + Double(row.rolledBack))
      return finding(
        .info, .database, quotedIdentifier(surroundings.server.database),
        "\(whole(percent)) % of the transactions were rolled back, \(row.rolledBack) of them",
        [
          Figure("rolled_back", row.rolledBack), Figure("committed", row.committed), Figure("share", percent, .percent),
        ],
        notes: ["an application that tries and tries again may mean it; the server's log has the errors"],
        since: surroundings.usageSince)
    }
  }
}
