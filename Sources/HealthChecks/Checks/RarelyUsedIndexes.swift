// Indexes that cost many writes and serve few reads.

import Database

struct RarelyUsedIndexes: HealthCheck {
  let id = "rarely-used-indexes"
  let about = CheckDescription(
    .indexes, "Rarely used indexes", why: "Each write of the table maintains it, for a scan now and then.",
    rule: "Some scans, rare-writes writes of its table, a thousand writes for each scan, and at least "
      + "unused-index-bytes: info. Unique ones and those of constraints and partitions are left out.",
    needs: [.primary, .matureStatistics])

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let bytes: Int64
    let scans: Int64
    let writes: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table",
      c.relpages::bigint * current_setting('block_size')::bigint AS "bytes", s.scans AS "scans", s.writes AS "writes"
    FROM pg_class AS c JOIN pg_index AS i ON i.indexrelid = c.oid
    CROSS JOIN LATERAL (SELECT pg_stat_get_numscans(i.indexrelid) AS scans,
      pg_stat_get_tuples_inserted(i.indrelid) + pg_stat_get_tuples_updated(i.indrelid)
        + pg_stat_get_tuples_deleted(i.indrelid) AS writes OFFSET 0) AS s
    WHERE c.relkind = 'i' AND c.relpages >= 8 AND NOT c.relispartition AND i.indisvalid AND NOT i.indisunique
      AND NOT i.indisexclusion AND NOT i.indisreplident AND s.scans > 0 AND s.writes > s.scans * 1000 AND
    """ + ownRelation + """
      ORDER BY c.relpages DESC, 1 LIMIT 500
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      Double($0.writes) >= limits["rare-writes"] && Double($0.bytes) >= limits["unused-index-bytes"]
    }.map { row in
      finding(
        .info, .index, row.name,
        "\(row.name) on \(row.table) was scanned \(row.scans) times, and its table written \(row.writes) times",
        [Figure("bytes", row.bytes, .bytes), Figure("scans", row.scans), Figure("writes", row.writes)],
        notes: [
          "jobs of a month's end and replicas may need it: look at their statements first",
          "to undo a drop, first keep the text of: SELECT pg_get_indexdef(\(literal(row.name))::regclass);",
        ], since: surroundings.usageSince)
    }
  }
}
