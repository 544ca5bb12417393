// Tables that are written often and have very many indexes.

import Database

struct ManyIndexes: HealthCheck {
  let id = "many-indexes"
  let about = CheckDescription(
    .indexes, "Tables with very many indexes",
    why: "Each row that is written is written once more for each of them.",
    rule: "At least many-indexes indexes, on a table with index-writes-per-hour writes since counting began, or whose "
      + "indexes take three times its own size and unused-index-warning-bytes: info. Partitions are left out.",
    needs: [.primary, .matureStatistics])

  struct Row: Decodable, Sendable {
    let table: String
    let indexes: Int64
    let indexBytes: Int64
    let tableBytes: Int64
    let writes: Int64
  }

  func question(for server: ServerInfo) -> SQL? {
    """
    WITH several AS MATERIALIZED (
      SELECT i.indrelid, count(*) AS indexes FROM pg_index AS i WHERE i.indrelid >= 16384
      GROUP BY i.indrelid HAVING count(*) >= 5
    ), written AS MATERIALIZED (
      SELECT v.*, pg_stat_get_tuples_inserted(v.indrelid)
          + pg_stat_get_tuples_updated(v.indrelid) - pg_stat_get_tuples_hot_updated(v.indrelid)
          + pg_stat_get_tuples_deleted(v.indrelid) AS writes
      FROM several AS v ORDER BY 3 DESC NULLS LAST, 2 DESC, 1 LIMIT 200
    )
    SELECT c.oid::regclass::text AS "table", w.indexes AS "indexes", coalesce(w.writes, 0) AS "writes",
      (SELECT sum(x.relpages::bigint) FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid
        WHERE i.indrelid = c.oid)::bigint * current_setting('block_size')::bigint AS "indexBytes",
      c.relpages::bigint * current_setting('block_size')::bigint AS "tableBytes"
    FROM written AS w CROSS JOIN LATERAL (SELECT x.* FROM pg_class AS x WHERE x.oid = w.indrelid OFFSET 0) AS c
    WHERE c.relkind IN ('r', 'm') AND NOT c.relispartition AND
    """ + ownRelation + """
      ORDER BY w.writes DESC NULLS LAST, 1
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    let hours = max(1, surroundings.usageDays * 24)
    return rows.filter { row in
      guard Double(row.indexes) >= limits["many-indexes"] else { return false }
      let isWritten = row.writes > 0 && Double(row.writes) / hours >= limits["index-writes-per-hour"]
      return isWritten
        || row.indexBytes / 3 > row.tableBytes && Double(row.indexBytes) >= limits["unused-index-warning-bytes"]
    }.map { row in
      finding(
        .info, .table, row.table,
        "\(row.table) has \(row.indexes) indexes with \(size(row.indexBytes)), and itself \(size(row.tableBytes)); "
          + "\(row.writes) writes went to all of them",
        [
          Figure("indexes", row.indexes), Figure("index_bytes", row.indexBytes, .bytes),
          Figure("table_bytes", row.tableBytes, .bytes), Figure("writes", row.writes),
        ],
        notes: [
          "begin with what duplicate-indexes, unused-indexes and rarely-used-indexes find",
          "a table that is loaded once and read for long may have as many as it likes",
        ], since: surroundings.usageSince)
    }
  }
}
