// Operators behind their only operand, which PostgreSQL 14 no longer knows.

import Database

struct PostfixOperators: HealthCheck {
  let id = "postfix-operators"
  let about = CheckDescription(
    .upgrade, "Postfix operators", why: "PostgreSQL 14 has none, and pg_upgrade stops at them.",
    rule: "An operator of a user's own with a left operand alone: warning. On PostgreSQL 13 only.")

  struct Row: Decodable, Sendable {
    let name: String
    let left: String
    let function: String
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 14 else { return nil }
    return """
      SELECT quote_ident(n.nspname) || '.' || o.oprname AS "name", o.oprleft::regtype::text AS "left",
        o.oprcode::text AS "function"
      FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
      WHERE o.oid >= 16384 AND o.oprright = 0 AND o.oprleft <> 0 ORDER BY 1, 2 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .function, "\(row.name) (\(row.left), NONE)", "operator \(row.name) stands behind a \(row.left)",
        remedies: [
          Remedy("DROP OPERATOR \(row.name) (\(row.left), NONE);", risk: "call \(row.function) instead, everywhere")
        ])
    }
  }
}
