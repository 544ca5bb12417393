// Indexes of partitioned tables that some partitions lack.

import Database

struct IncompletePartitionIndexes: HealthCheck {
  let id = "incomplete-partition-indexes"
  let about = CheckDescription(
    .indexes, "Indexes that some partitions lack",
    why: "Queries of those partitions read all of it, and nobody gave up on purpose.",
    rule: "A partitioned index that is not valid: warning.")

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let missing: [String]
    let definition: String
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table",
      coalesce((SELECT array_agg(h.inhrelid::regclass::text ORDER BY h.inhrelid::regclass::text) FROM pg_inherits AS h
        WHERE h.inhparent = i.indrelid AND NOT EXISTS (SELECT FROM pg_inherits AS a JOIN pg_index AS x
          ON x.indexrelid = a.inhrelid WHERE a.inhparent = i.indexrelid AND x.indrelid = h.inhrelid)), '{}') AS "missing",
      i.indexrelid::regclass::text AS "definition"
    FROM (SELECT x.* FROM pg_index AS x WHERE NOT x.indisvalid OFFSET 0) AS i
    CROSS JOIN LATERAL (SELECT x.* FROM pg_class AS x WHERE x.oid = i.indexrelid OFFSET 0) AS c
    WHERE c.relkind = 'I' AND NOT c.relispartition ORDER BY 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      let list = row.missing.prefix(5).joined(separator: ", ")
      return finding(
        .warning, .index, row.name, "\(row.name) on \(row.table) lacks \(row.missing.count) partitions: \(list)",
        [Figure("missing", Int64(row.missing.count), .count)],
        notes: [
          "for each: CREATE INDEX CONCURRENTLY on the partition, then ALTER INDEX \(row.name) ATTACH PARTITION it"
        ])
    }
  }
}
