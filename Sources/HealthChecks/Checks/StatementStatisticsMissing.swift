// Whether the server records its statements at all.

import Database

struct StatementStatisticsMissing: HealthCheck {
  let id = "statement-statistics"
  let about = CheckDescription(
    .queries, "Statement statistics", why: "Without pg_stat_statements nobody knows where the time goes.",
    rule: "Not loaded, not installed in this database, or older than the server's own version: info.")

  struct Row: Decodable, Sendable {
    let installed: String?
    let available: String?
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT (SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'pg_stat_statements') AS "installed",
      (SELECT a.default_version FROM pg_available_extensions AS a WHERE a.name = 'pg_stat_statements') AS "available"
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    guard let row = rows.first else { return [] }
    let name = FoundObject.Kind.extension
    if !surroundings.server.preloadsStatStatements {
      return [
        finding(
          .info, name, "pg_stat_statements", "pg_stat_statements is not loaded", [],
          remedies: row.available == nil
            ? []
            : [changing("shared_preload_libraries", to: "pg_stat_statements", on: surroundings, restarts: true)],
          notes: ["keep what shared_preload_libraries names already"])
      ]
    }
    guard let installed = row.installed else {
      return [
        finding(
          .info, name, "pg_stat_statements", "pg_stat_statements is loaded but not created in this database",
          remedies: [Remedy("CREATE EXTENSION pg_stat_statements;")])
      ]
    }
    guard let available = row.available, available != installed else { return [] }
    return [
      finding(
        .info, name, "pg_stat_statements", "pg_stat_statements is \(installed), and \(available) is there",
        remedies: [Remedy("ALTER EXTENSION pg_stat_statements UPDATE;")])
    ]
  }
}
