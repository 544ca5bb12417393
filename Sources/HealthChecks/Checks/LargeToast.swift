// Tables that consist mostly of values out of line.

import Database

struct LargeToast: HealthCheck {
  let id = "large-toast"
  let about = CheckDescription(
    .schema, "Tables that are mostly TOAST",
    why: "Large values are dumped, replicated and vacuumed with every row that has them.",
    rule: "Values out of line from toast-bytes that are half of their table: info; from toast-warning-bytes and four "
      + "fifths of it: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let heap: Int64
    let toast: Int64
    /// Those that may be stored out of line, compressed or not.
    let columns: [String]
    let isOld: Bool
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", c.relpages::bigint * b.size AS "heap", t.relpages::bigint * b.size AS "toast",
      ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0
        AND NOT a.attisdropped AND a.attstorage IN ('x', 'e') ORDER BY a.attnum LIMIT 5) AS "columns",
      current_setting('server_version_num')::int < 140000 AS "isOld"
    FROM tables AS c JOIN tables AS t ON t.oid = c.reltoastrelid
    CROSS JOIN (SELECT current_setting('block_size')::bigint AS size) AS b
    WHERE c.relkind IN ('r', 'm') AND t.relpages >= 128 AND t.relpages >= c.relpages AND
    """ + ownRelation + """
      ORDER BY t.relpages DESC, 1 LIMIT 100
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.toast) >= limits["toast-bytes"] }.map { row in
      let share = Double(row.toast) * 100 / max(1, Double(row.toast) + Double(row.heap))
      let isWarning = Double(row.toast) >= limits["toast-warning-bytes"] && share >= 80
      let columns = row.columns.joined(separator: ", ")
      return finding(
        isWarning ? .warning : .info, .table, row.table,
        "\(whole(share)) % of \(row.table), \(size(row.toast)), are values out of line (\(columns))",
        [Figure("toast", row.toast, .bytes), Figure("table", row.heap, .bytes), Figure("share", share, .percent)],
        notes: [
          "values that are seldom read may have a table of their own, or a storage of files",
          row.isOld
            ? "from PostgreSQL 14 lz4 compresses faster than pglz"
            : "lz4 compresses new values faster than pglz: ALTER TABLE … ALTER COLUMN … SET COMPRESSION lz4",
        ])
    }
  }
}
