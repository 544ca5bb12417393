// Large tables that are mostly read from end to end.

import Database

struct SequentialScans: HealthCheck {
  let id = "sequential-scans"
  let about = CheckDescription(
    .indexes, "Large tables read by sequential scans", why: "An index may be missing: each scan reads every row.",
    rule: "At least scans scans of on average scan-rows rows, and no more index scans than nineteen times that: info.",
    needs: [.matureStatistics])

  struct Row: Decodable, Sendable {
    let table: String
    let scans: Int64
    let rowsRead: Int64
    let indexScans: Int64
    let rows: Double
  }

  func part(for server: ServerInfo) -> SQL? {
    """
    SELECT s.oid::regclass::text AS "table", s.scans AS "scans", s.read AS "rowsRead", s.rows AS "rows",
      coalesce((SELECT sum(pg_stat_get_numscans(i.indexrelid)) FROM pg_index AS i WHERE i.indrelid = s.oid), 0)::bigint
        AS "indexScans"
    FROM (
      SELECT c.oid, coalesce(pg_stat_get_numscans(c.oid), 0) AS scans, greatest(c.reltuples, 0)::float8 AS rows,
        coalesce(pg_stat_get_tuples_returned(c.oid), 0) AS read
      FROM tables AS c WHERE c.relkind IN ('r', 'm') AND c.relpages > 10 AND
    """ + ownRelation + """
      ) AS s WHERE s.scans > 0 AND s.read / s.scans > 100 ORDER BY s.read DESC, 1 LIMIT 1000
      """
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter { row in
      let mean = Double(row.rowsRead) / Double(max(row.scans, 1))
      return mean >= limits["scan-rows"] && Double(row.scans) >= limits["scans"]
        && Double(row.indexScans) < 19 * Double(row.scans)
    }.map { row in
      finding(
        .info, .table, row.table,
        "\(row.table) was read from end to end \(row.scans) times, \(row.rowsRead / max(row.scans, 1)) rows each time",
        [
          Figure("sequential_scans", row.scans), Figure("rows_read", row.rowsRead),
          Figure("index_scans", row.indexScans), Figure("rows", row.rows, .count),
        ],
        notes: ["pgadvisor advise finds out which index would help", "pg_dump and count(*) are such scans too"],
        since: surroundings.usageSince)
    }
  }
}
