// Tables whose rows nothing tells apart.

import Database

struct TablesWithoutKey: HealthCheck {
  let id = "tables-without-primary-key"
  let about = CheckDescription(
    .schema, "Tables without a primary key",
    why: "No row can be named: replication, upserts and repairs need a key.",
    rule: "No primary key and at least key-rows rows: notice. Partitions count with their root.")

  struct Row: Decodable, Sendable {
    let table: String
    let rows: Double
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", greatest(c.reltuples, 0)::float8 AS "rows" FROM tables AS c
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.reltuples > 0
      AND c.oid NOT IN (SELECT k.conrelid FROM pg_constraint AS k WHERE k.contype = 'p')
      AND NOT EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = c.oid) AND
    """ + ownRelation + """
      ORDER BY c.reltuples DESC, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.rows >= limits["key-rows"] }.map { row in
      finding(
        .notice, .table, row.table, "\(row.table) has about \(whole(row.rows)) rows and no primary key",
        [Figure("rows", row.rows, .count)],
        remedies: [
          Remedy(
            "ALTER TABLE \(row.table) ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;", .accessExclusive,
            .rewrite,
            risk: "better: make a key of columns that are unique already, with CREATE UNIQUE INDEX CONCURRENTLY")
        ])
    }
  }
}
