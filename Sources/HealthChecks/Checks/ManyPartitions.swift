// Tables of so many partitions that planning pays for them.

import Database

struct ManyPartitions: HealthCheck {
  let id = "many-partitions"
  let about = CheckDescription(
    .schema, "Tables of very many partitions",
    why:
      "Each is locked and planned for, wherever the key does not leave it out, and each has its own files and statistics.",
    rule: "partitions partitions: info; ten times as many: notice.")

  struct Row: Decodable, Sendable {
    let table: String
    let partitions: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH RECURSIVE tree AS (
      SELECT c.oid AS root, i.inhrelid AS part FROM pg_class AS c JOIN pg_inherits AS i ON i.inhparent = c.oid
      WHERE c.relkind = 'p' AND NOT c.relispartition AND
    """ + ownRelation + """
       UNION ALL SELECT t.root, i.inhrelid FROM tree AS t JOIN pg_inherits AS i ON i.inhparent = t.part
      )
      SELECT t.root::regclass::text AS "table", count(*) AS "partitions"
      FROM tree AS t JOIN pg_class AS l ON l.oid = t.part WHERE l.relkind <> 'p'
      GROUP BY t.root ORDER BY 2 DESC, 1 LIMIT 100
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.partitions) >= limits["partitions"] }.map { row in
      finding(
        Double(row.partitions) >= limits["partitions"] * 10 ? .notice : .info, .table, row.table,
        "\(row.table) has \(row.partitions) partitions", [Figure("partitions", row.partitions)],
        notes: ["old ones can be detached or put together; a longer range for each makes fewer of them"])
    }
  }
}
