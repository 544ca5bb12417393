// Partitioned tables that nobody has analyzed as a whole: autovacuum sees to their partitions alone.

import Database

struct UnanalyzedParents: HealthCheck {
  let id = "unanalyzed-parents"
  let about = CheckDescription(
    .statistics, "Partitioned tables without statistics",
    why: "The planner knows each partition and guesses about all of them together, as autovacuum never analyzes these.",
    rule: "A partitioned table that was never analyzed, and whose partitions have analyze-rows rows: notice. From "
      + "PostgreSQL 14.", needs: [.version(140_000), .primary])

  struct Row: Decodable, Sendable {
    let table: String
    let rows: Double
    let partitions: Int64
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT c.oid::regclass::text AS "table", s.rows AS "rows", s.partitions AS "partitions"
    FROM tables AS c CROSS JOIN LATERAL (
      SELECT coalesce(sum(greatest(l.reltuples, 0)), 0)::float8 AS rows, count(*) AS partitions
      FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS l ON l.oid = t.relid WHERE t.isleaf) AS s
    WHERE c.relkind = 'p' AND NOT c.relispartition AND c.reltuples < 0 AND
    """ + ownRelation + """
      ORDER BY s.rows DESC, 1 LIMIT 500
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { $0.rows >= limits["analyze-rows"] }.map { row in
      finding(
        .notice, .table, row.table,
        "\(row.table) was never analyzed as a whole: about \(whole(row.rows)) rows in \(row.partitions) partitions",
        [Figure("rows", row.rows, .count), Figure("partitions", row.partitions)],
        remedies: [Remedy("ANALYZE \(row.table);", .shareUpdateExclusive, .scan)],
        notes: ["do it again now and then, such as each night"])
    }
  }
}
