// Default partitions that have caught rows.

import Database

struct DefaultPartitionRows: HealthCheck {
  let id = "default-partition-rows"
  let about = CheckDescription(
    .schema, "Rows in default partitions",
    why: "No partition can be added for them, and adding any other scans them under a lock.",
    rule: "A default partition with rows: warning.")

  struct Row: Decodable, Sendable {
    let table: String
    let parent: String
    let rows: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", p.partrelid::regclass::text AS "parent",
      greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid), 0) AS "rows"
    FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partdefid
    WHERE c.reltuples > 0 OR pg_stat_get_live_tuples(c.oid) > 0 ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .warning, .partition, row.table,
        "about \(row.rows) rows of \(row.parent) are in its default partition \(row.table)",
        [Figure("rows", row.rows)],
        notes: ["move them: detach the default partition, create the partitions they need, insert them again"])
    }
  }
}
