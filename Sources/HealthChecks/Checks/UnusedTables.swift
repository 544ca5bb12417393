// Tables that nobody has read or written since counting began.

import Database

struct UnusedTables: HealthCheck {
  let id = "unused-tables"
  let about = CheckDescription(
    .schema, "Unused tables", why: "They are backed up, vacuumed and restored for nothing.",
    rule: "Has pages, and no scan and no write since counting began: info.", needs: [.matureStatistics])

  struct Row: Decodable, Sendable {
    let table: String
    let bytes: Int64
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", c.relpages::bigint * current_setting('block_size')::bigint AS "bytes"
    FROM tables AS c WHERE c.relkind = 'r' AND c.relpages > 0 AND NOT c.relispartition
      AND coalesce(pg_stat_get_numscans(c.oid), 0) = 0 AND coalesce(pg_stat_get_tuples_inserted(c.oid), 0) = 0
      AND coalesce(pg_stat_get_tuples_updated(c.oid), 0) = 0 AND coalesce(pg_stat_get_tuples_deleted(c.oid), 0) = 0
      AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND pg_stat_get_numscans(i.indexrelid) > 0) AND
    """ + ownRelation + """
      ORDER BY c.relpages DESC, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .table, row.table,
        "\(row.table) was neither read nor written since \(surroundings.usageSince ?? "counting began")",
        [Figure("bytes", row.bytes, .bytes)],
        notes: ["a replica may read it: it counts for itself", "rename it for a while before you drop it"],
        since: surroundings.usageSince)
    }
  }
}
