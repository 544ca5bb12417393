// The relations that take most of the disk.

import Database

struct LargestTables: HealthCheck {
  let id = "largest-tables"
  let about = CheckDescription(
    .schema, "Largest tables", why: "Backups, restores and mistakes take as long as the largest tables are large.",
    rule: "A table that, with indexes and TOAST, takes half of a database of more than large-bytes: info.")

  struct Row: Decodable, Sendable {
    let table: String
    let bytes: Int64
    let all: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH sized AS MATERIALIZED (
      SELECT coalesce(i.indrelid, t.oid, c.oid) AS rel, c.relpages::bigint AS pages
      FROM pg_class AS c LEFT JOIN pg_index AS i ON i.indexrelid = c.oid AND c.relkind = 'i'
        LEFT JOIN pg_class AS t ON c.relkind = 't' AND t.reltoastrelid = c.oid
      WHERE c.relkind IN ('r', 'm', 't', 'i')
    )
    SELECT c.oid::regclass::text AS "table", x.pages * current_setting('block_size')::bigint AS "bytes",
      (SELECT sum(pages) FROM sized)::bigint * current_setting('block_size')::bigint AS "all"
    FROM (SELECT rel, sum(pages)::bigint AS pages FROM sized GROUP BY rel ORDER BY 2 DESC, 1 LIMIT 10) AS x
    JOIN pg_class AS c ON c.oid = x.rel WHERE
    """ + ownRelation + """
      ORDER BY x.pages DESC, 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.all) > limits["large-bytes"] && $0.bytes > $0.all / 2 }.map { row in
      finding(
        .info, .table, row.table, "\(row.table) takes \(size(row.bytes)) of the database's \(size(row.all))",
        [Figure("bytes", row.bytes, .bytes), Figure("database_bytes", row.all, .bytes)])
    }
  }
}
