// Indexes that only some partitions have, outside of any index of their parent.

import Database

struct UnattachedPartitionIndexes: HealthCheck {
  let id = "unattached-partition-indexes"
  let about = CheckDescription(
    .indexes, "Indexes of single partitions",
    why: "New partitions come without it, and queries of others read all of them.",
    rule: "An index of a partition that belongs to no index of the parent: info.")

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let parent: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT i.indexrelid::regclass::text AS "name", c.oid::regclass::text AS "table", h.inhparent::regclass::text AS "parent"
    FROM pg_inherits AS h JOIN pg_class AS c ON c.oid = h.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p')
    JOIN pg_index AS i ON i.indrelid = c.oid
    WHERE i.indisvalid AND NOT EXISTS (SELECT FROM pg_inherits AS x WHERE x.inhrelid = i.indexrelid) AND
    """ + ownRelation + """
      ORDER BY 3, 2, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      finding(
        .info, .index, row.name,
        "\(row.name) is an index of \(row.table) alone, and of no other partition of \(row.parent)",
        notes: ["CREATE INDEX ON ONLY the parent, then ALTER INDEX … ATTACH PARTITION, makes it one of all"])
    }
  }
}
