// B-trees on arrays, which find whole arrays and no elements.

import Database

struct ArrayBTrees: HealthCheck {
  let id = "array-btrees"
  let about = CheckDescription(
    .indexes, "B-trees on array columns",
    why: "A search for an element does not use it.",
    rule: "A B-tree whose only column is an array: info.")

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let column: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table", quote_ident(a.attname) AS "column"
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indnatts = 1 AND NOT i.indisunique AND i.indkey[0] > 0 AND NOT c.relispartition AND c.relkind = 'i'
      AND i.indclass[0] IN (SELECT o.oid FROM pg_opclass AS o JOIN pg_am AS m ON m.oid = o.opcmethod
        WHERE m.amname = 'btree' AND o.opcintype = 'anyarray'::regtype) AND
    """ + ownRelation + """
      ORDER BY 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .index, row.name, "\(row.name) is a B-tree on the array \(row.table).\(row.column)",
        remedies: [
          Remedy(
            "CREATE INDEX CONCURRENTLY ON \(row.table) USING gin (\(row.column));", .shareUpdateExclusive, .build,
            isTransactional: false),
          Remedy(
            "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, risk: "comparisons of whole arrays use it",
            isTransactional: false),
        ])
    }
  }
}
