// pg_stat_statements that forgets what it has just learnt.

import Database

struct EvictedStatements: HealthCheck {
  let id = "evicted-statements"
  let about = CheckDescription(
    .queries, "Statements that are forgotten",
    why: "Rare statements are counted anew each time, and rankings are wrong.",
    rule: "More than evictions-per-hour since counting began: notice. From PostgreSQL 14.",
    needs: [.statements, .version(140_000)])

  struct Row: Decodable, Sendable {
    let evictions: Int64
    let hours: Double
    let capacity: String
  }

  func question(for server: ServerInfo) -> SQL? {
    guard case .installed(_, let version) = server.statStatements, version != "1.8", !version.hasPrefix("1.7") else {
      return nil
    }
    return """
      SELECT i.dealloc AS "evictions", current_setting('pg_stat_statements.max') AS "capacity",
        greatest(extract(epoch FROM now() - i.stats_reset) / 3600, 1)::float8 AS "hours"
      FROM pg_stat_statements_info AS i
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.evictions > 0 && Double($0.evictions) / $0.hours > limits["evictions-per-hour"] }.map { row in
      finding(
        .notice, .extension, "pg_stat_statements",
        "pg_stat_statements made room \(row.evictions) times in \(whole(row.hours)) h; it holds \(row.capacity) statements",
        [Figure("evictions", row.evictions)],
        remedies: [changing("pg_stat_statements.max", to: "20000", on: surroundings, restarts: true)],
        notes: ["lists of different length (IN (1, 2, 3)) are different statements before PostgreSQL 18"])
    }
  }
}
