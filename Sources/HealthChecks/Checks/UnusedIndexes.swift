// Indexes that no query has read since counting began.

import Database

struct UnusedIndexes: HealthCheck {
  let id = "unused-indexes"
  let about = CheckDescription(
    .indexes, "Unused indexes", why: "Every write maintains it and nothing reads it.",
    rule: "No scan, and at least unused-index-bytes: notice; warning from unused-index-warning-bytes. Indexes of "
      + "constraints, of partitions, for foreign keys and for replication are left out, and what has less than eight pages.",
    needs: [.matureStatistics])

  struct Row: Decodable, Sendable {
    let name: String
    let table: String
    let bytes: Int64
    let isYoung: Bool
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH largest AS MATERIALIZED (
      SELECT c.oid, c.relpages FROM pg_class AS c
      WHERE c.relkind = 'i' AND c.relpages >= 8 AND c.oid >= 16384 AND NOT c.relispartition AND c.relpersistence <> 't'
      ORDER BY c.relpages DESC, c.oid LIMIT 50000
    ), large AS MATERIALIZED (
      SELECT i.indexrelid, i.indrelid, i.indkey::int2[] AS keys, c.relpages, age(i.xmin) < 100 AS young
      FROM largest AS c JOIN pg_index AS i ON i.indexrelid = c.oid
      WHERE i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT i.indisreplident
        AND NOT i.indisclustered AND coalesce(pg_stat_get_numscans(i.indexrelid), 0) = 0
      ORDER BY c.relpages DESC, i.indexrelid LIMIT 2000
    )
    SELECT u.indexrelid::regclass::text AS "name", u.indrelid::regclass::text AS "table",
      u.relpages::bigint * current_setting('block_size')::bigint AS "bytes", u.young AS "isYoung"
    FROM large AS u
    WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conrelid = u.indrelid
        AND u.keys[0:cardinality(k.conkey) - 1] @> k.conkey)
      AND u.indexrelid NOT IN (SELECT k.conindid FROM pg_constraint AS k)
      AND NOT EXISTS (SELECT FROM pg_depend AS own WHERE own.classid = 'pg_class'::regclass
        AND own.objid = u.indexrelid AND own.deptype = 'e')
    ORDER BY u.relpages DESC, 1
    """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { Double($0.bytes) >= limits["unused-index-bytes"] }.map { row in
      var notes = [
        "look at the replicas too: each counts for itself",
        "to undo it, first keep the text of: SELECT pg_get_indexdef(\(literal(row.name))::regclass);",
      ]
      if row.isYoung { notes.append("it may be new: its catalog row has changed within the last 100 transactions") }
      return finding(
        Double(row.bytes) >= limits["unused-index-warning-bytes"] ? .warning : .notice, .index, row.name,
        "\(row.name) on \(row.table) has not been read since \(surroundings.usageSince ?? "counting began")",
        [Figure("bytes", row.bytes, .bytes), Figure("scans", 0)],
        remedies: [
          Remedy(
            "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .instant,
            risk: "a report that runs once a year may want it", isTransactional: false)
        ], notes: notes, since: surroundings.usageSince)
    }
  }
}
