// Columns that are named like a reference and are none.

import Database

struct MissingForeignKeys: HealthCheck {
  let id = "missing-foreign-keys"
  let about = CheckDescription(
    .constraints, "References without a foreign key", why: "Nothing keeps rows from referring to what is gone.",
    rule:
      "A column NAME_id beside a table NAME or NAMEs of the same schema with a key id of the same type, and no foreign key "
      + "on it: info. Columns with a NAME_type beside them are left out.", countsObjects: true)

  struct Row: Decodable, Sendable {
    let table: String
    let column: String
    let referenced: String
    let key: String
  }

  /// Comparing names reads all columns there are.
  func excuse(_ surroundings: Surroundings) -> String? {
    surroundings.relations > 50_000
      ? "the names of columns are not compared among \(surroundings.relations) relations" : nil
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH keyed AS MATERIALIZED (
      SELECT c.oid, c.relname, c.relnamespace, a.attname, a.atttypid FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
      WHERE i.indisprimary AND i.indnkeyatts = 1 AND c.oid >= 16384 AND NOT c.relispartition
        AND a.attname IN ('id', c.relname || '_id')
      ORDER BY c.oid LIMIT 5000
    )
    SELECT c.oid::regclass::text AS "table", quote_ident(a.attname) AS "column", k.oid::regclass::text AS "referenced",
      quote_ident(k.attname) AS "key"
    FROM keyed AS k CROSS JOIN LATERAL (VALUES (k.relname::text || '_id'),
      (CASE WHEN k.relname LIKE '%ies' THEN left(k.relname, -3) || 'y_id' WHEN k.relname LIKE '%s'
        THEN left(k.relname, -1) || '_id' END)) AS n(name)
    JOIN pg_attribute AS a ON a.attname = n.name AND a.attname LIKE '%\\_id' AND a.atttypid = k.atttypid
      AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND c.relnamespace = k.relnamespace
      AND c.oid <> k.oid
    WHERE NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.conrelid = c.oid
        AND a.attnum = ANY (f.conkey))
      AND NOT EXISTS (SELECT FROM pg_attribute AS t WHERE t.attrelid = c.oid AND t.attname = left(n.name,
        -2) || 'type') AND
    """ + ownRelation + """
      ORDER BY 1, 2, 3 LIMIT 500
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let name = "\(row.table).\(row.column)"
      return finding(
        .info, .column, name, "\(name) looks like a reference to \(row.referenced), and has no foreign key",
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) ADD FOREIGN KEY (\(row.column)) REFERENCES \(row.referenced) (\(row.key)) NOT VALID;",
            .shareRowExclusive, .instant, risk: "then VALIDATE CONSTRAINT, which reads the table and blocks nobody")
        ], notes: ["by its name only: it may be meant to stay loose"])
    }
  }
}
