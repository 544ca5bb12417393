// Prepared transactions, of any age: no upgrade carries one over.

import Database

struct PreparedBeforeUpgrade: HealthCheck {
  let id = "prepared-before-upgrade"
  let about = CheckDescription(
    .upgrade, "Prepared transactions before an upgrade", why: "pg_upgrade stops while there is one.",
    rule: "Any prepared transaction, in whichever database: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let owner: String
    let database: String
    let isOurs: Bool
    let seconds: Double
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT x.gid AS "name", x.owner::text AS "owner", x.database::text AS "database",
      x.database = current_database() AS "isOurs", extract(epoch FROM now() - x.prepared)::float8 AS "seconds"
    FROM pg_prepared_xacts AS x ORDER BY x.prepared, x.gid LIMIT 1000
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .transaction, row.name, "transaction \(literal(row.name)) of \(row.owner) is prepared",
        [Figure("age", row.seconds, .seconds)],
        remedies: [
          Remedy(
            "ROLLBACK PREPARED \(literal(row.name));",
            risk: "its coordinator may still want to commit it: ask that one, or COMMIT PREPARED",
            isTransactional: false, isForPeopleOnly: true)
        ], notes: row.isOurs ? [] : ["it can only be ended in database \(row.database)"])
    }
  }
}
