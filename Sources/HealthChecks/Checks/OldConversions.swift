// Conversions between encodings of a user's own, whose functions PostgreSQL 14 calls differently.

import Database

struct OldConversions: HealthCheck {
  let id = "old-conversions"
  let about = CheckDescription(
    .upgrade, "Conversions of a user's own",
    why: "From PostgreSQL 14 on their functions take another argument, and pg_upgrade stops at them.",
    rule: "Any conversion between encodings that did not come with the server: warning. On PostgreSQL 13 only.")

  struct Row: Decodable, Sendable {
    let name: String
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 14 else { return nil }
    return """
      SELECT quote_ident(n.nspname) || '.' || quote_ident(c.conname) AS "name" FROM pg_conversion AS c
      JOIN pg_namespace AS n ON n.oid = c.connamespace WHERE c.oid >= 16384 ORDER BY 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .function, row.name, "conversion \(row.name) is for PostgreSQL 13 and older",
        remedies: [
          Remedy("DROP CONVERSION \(row.name);", risk: "make it anew after the upgrade, with a changed function")
        ])
    }
  }
}
