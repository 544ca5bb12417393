// Prepared transactions that nobody has finished.

import Database

struct PreparedTransactions: HealthCheck {
  let id = "prepared-transactions"
  let about = CheckDescription(
    .vacuum, "Forgotten prepared transactions",
    why: "It keeps its locks and its snapshot over restarts, until somebody ends it.",
    rule: "Older than prepared-warning-s: warning; than prepared-critical-s: critical.")

  struct Row: Decodable, Sendable {
    let name: String
    let owner: String
    let database: String
    let isOurs: Bool
    let seconds: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT gid AS "name", owner::text AS "owner", database::text AS "database",
      database = current_database() AS "isOurs", extract(epoch FROM now() - prepared)::float8 AS "seconds"
    FROM pg_prepared_xacts ORDER BY prepared, gid
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.seconds >= limits["prepared-warning-s"] }.map { row in
      finding(
        row.seconds >= limits["prepared-critical-s"] ? .critical : .warning, .transaction, row.name,
        "transaction \(literal(row.name)) of \(row.owner) was prepared \(duration(row.seconds)) ago",
        [Figure("age", row.seconds, .seconds)],
        remedies: [
          Remedy(
            "ROLLBACK PREPARED \(literal(row.name));", risk: "its coordinator may still want to commit it",
            isTransactional: false,
            isForPeopleOnly: true)
        ], notes: row.isOurs ? [] : ["it can only be ended in database \(row.database)"])
    }
  }
}
