// Constraints that were added NOT VALID and never validated.

import Database

struct InvalidConstraints: HealthCheck {
  let id = "invalid-constraints"
  let about = CheckDescription(
    .constraints, "Constraints that were never validated",
    why: "Rows from before it may break it, and the planner does not rely on it.",
    rule: "Any constraint that is not validated: warning. NOT ENFORCED ones are left out.")

  struct Row: Decodable, Sendable {
    let table: String
    let name: String
    let kind: String
  }

  func question(for server: ServerInfo) -> SQL? {
    let enforced: SQL = server.majorVersion >= 18 ? " AND k.conenforced AND\n" : " AND\n"
    return """
      SELECT k.conrelid::regclass::text AS "table", quote_ident(k.conname) AS "name", k.contype::text AS "kind"
      FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
      WHERE NOT k.convalidated AND k.conparentid = 0
      """ + enforced + ownRelation + """
        ORDER BY 1, 2
        """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let kind = ["f": "foreign key", "c": "CHECK constraint", "n": "NOT NULL constraint"][row.kind] ?? "constraint"
      return finding(
        .warning, .constraint, "\(row.table).\(row.name)", "\(kind) \(row.name) of \(row.table) is not validated",
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) VALIDATE CONSTRAINT \(row.name);", .shareUpdateExclusive, .scan,
            risk: "fails where a row breaks it, and names it")
        ])
    }
  }
}
