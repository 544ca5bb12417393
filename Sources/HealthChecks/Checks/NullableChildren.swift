// Columns that may be NULL in a child and not in its parent, which PostgreSQL 18 does not know.

import Database

struct NullableChildren: HealthCheck {
  let id = "nullable-children"
  let about = CheckDescription(
    .upgrade, "Columns that are NOT NULL in the parent alone",
    why:
      "The schema is restored with NOT NULL for both: pg_upgrade stops, and a restored dump fails at the first NULL.",
    rule:
      "A column of an inheriting table that may be NULL although its parent's may not: warning. Up to PostgreSQL 17.")

  struct Row: Decodable, Sendable {
    let table: String
    let parent: String
    let column: String
  }

  func question(for server: ServerInfo) -> SQL? {
    guard server.majorVersion < 18 else { return nil }
    return """
      SELECT h.inhrelid::regclass::text AS "table", h.inhparent::regclass::text AS "parent",
        quote_ident(a.attname) AS "column"
      FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid AND c.relkind IN ('r', 'p', 'f')
      JOIN pg_attribute AS p ON p.attrelid = h.inhparent AND p.attnum > 0 AND p.attnotnull AND NOT p.attisdropped
      JOIN pg_attribute AS a ON a.attrelid = h.inhrelid AND a.attname = p.attname AND NOT a.attnotnull
        AND NOT a.attisdropped
      ORDER BY 1, 3, 2 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .column, "\(row.table).\(row.column)",
        "\(row.table).\(row.column) may be NULL, and in \(row.parent), which it inherits from, it may not",
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) ALTER COLUMN \(row.column) SET NOT NULL;", .accessExclusive, .scan,
            risk: "fails where there are rows with NULL: fill them first")
        ])
    }
  }
}
