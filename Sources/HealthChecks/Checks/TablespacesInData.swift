// Tablespaces inside of the data directory.

import Database

struct TablespacesInData: HealthCheck {
  let id = "tablespaces-in-data"
  let about = CheckDescription(
    .upgrade, "Tablespaces in the data directory",
    why: "pg_upgrade writes no script that removes the old server, or stops, and backups copy the files twice.",
    rule: "A tablespace whose place is in the data directory, or that was made in place: warning.", needs: [.monitoring]
  )

  struct Row: Decodable, Sendable {
    let name: String
    let place: String
  }

  /// Made in place (allow_in_place_tablespaces): a path that does not begin at the root.
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT quote_ident(t.spcname) AS "name", p.place AS "place"
    FROM pg_tablespace AS t CROSS JOIN LATERAL (SELECT pg_tablespace_location(t.oid) AS place OFFSET 0) AS p
    LEFT JOIN pg_settings AS d ON d.name = 'data_directory'
    WHERE p.place <> '' AND (p.place LIKE 'pg_tblspc/%' OR starts_with(p.place, d.setting || '/')) ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .database, "tablespace \(row.name)", "tablespace \(row.name) is in the data directory: \(row.place)",
        [Figure("place", row.place)],
        remedies: [
          Remedy(
            "ALTER TABLE ALL IN TABLESPACE \(row.name) SET TABLESPACE pg_default;", .accessExclusive, .rewrite,
            risk: "in each database that uses it"),
          Remedy("ALTER INDEX ALL IN TABLESPACE \(row.name) SET TABLESPACE pg_default;", .accessExclusive, .rewrite),
          Remedy("DROP TABLESPACE \(row.name);", isTransactional: false),
        ])
    }
  }
}
