// Statistics over several columns, which no upgrade keeps.

import Database

struct LostStatistics: HealthCheck {
  let id = "lost-statistics"
  let about = CheckDescription(
    .upgrade, "Statistics that an upgrade loses",
    why: "Until they are gathered anew plans are made by guesses, and the first hours on the new server are slow.",
    rule: "Extended statistics, which pg_upgrade does not keep: info. An upgrade to PostgreSQL 17 or older keeps no "
      + "statistics at all.")

  struct Row: Decodable, Sendable {
    let objects: Int64
    let tables: [String]
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT count(*) AS "objects", coalesce((array_agg(DISTINCT c.oid::regclass::text ORDER BY c.oid::regclass::text))[1:5],
      '{}') AS "tables"
    FROM pg_statistic_ext AS x JOIN pg_class AS c ON c.oid = x.stxrelid WHERE c.oid >= 16384 HAVING count(*) > 0
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .database, quotedIdentifier(surroundings.server.database),
        "\(row.objects) extended statistics are empty after an upgrade, such as those of \(row.tables.joined(separator: ", "))",
        [Figure("statistics", row.objects)],
        notes: [
          "afterwards: vacuumdb --all --analyze-in-stages, from PostgreSQL 18 with --missing-stats-only",
          "plan the upgrade with the time that takes",
        ])
    }
  }
}
