// Databases that pg_upgrade could not enter, and the one that it must not be able to.

import Database

struct ClosedDatabases: HealthCheck {
  let id = "closed-databases"
  let about = CheckDescription(
    .upgrade, "Databases that let nobody in",
    why: "pg_upgrade connects to each, and stops before the first it cannot enter.",
    rule: "A database other than template0 that allows no connections, or is left over from a DROP DATABASE that was "
      + "interrupted: warning; template0 that allows some: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let isInvalid: Bool
    let isOpen: Bool
  }

  /// -2 marks what DROP DATABASE has begun to take apart.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(d.datname) AS "name", d.datconnlimit = -2 AS "isInvalid", d.datallowconn AS "isOpen"
    FROM pg_database AS d
    WHERE d.datallowconn = (d.datname = 'template0') OR d.datconnlimit = -2 ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      if row.isInvalid {
        return finding(
          .warning, .database, row.name, "\(row.name) is what an interrupted DROP DATABASE has left",
          remedies: [
            Remedy(
              "DROP DATABASE \(row.name);", .accessExclusive,
              risk: "nothing of it can be read any more, with or without",
              isTransactional: false, isForPeopleOnly: true)
          ])
      }
      return finding(
        .warning, .database, row.name,
        row.isOpen ? "template0 allows connections" : "\(row.name) allows no connections",
        remedies: [
          Remedy("ALTER DATABASE \(row.name) WITH ALLOW_CONNECTIONS \(row.isOpen ? "false" : "true");")
        ], notes: row.isOpen ? ["pg_upgrade wants it closed"] : ["close it again afterwards, if it is meant to be"])
    }
  }
}
