// Tables with many more pages than their rows need.

import Database

struct BloatedTables: HealthCheck {
  let id = "bloated-tables"
  let about = CheckDescription(
    .bloat, "Bloated tables", why: "Empty space takes memory and disk, and every scan reads it.",
    rule: "An estimated waste of bloat-bytes and bloat-percent: notice; half of the table and bloat-warning-bytes: "
      + "warning. Knows fill factor; columns that were never analyzed are said.", needs: [.columnStatistics])

  struct Row: Decodable, Sendable {
    let table: String
    let pages: Int64
    let tuples: Double
    let width: Double?
    let isNullable: Bool
    let fillFactor: Double
    let hasAllColumns: Bool
    let blockSize: Double
  }

  func question(for server: ServerInfo) -> SQL? { Self.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { Self.questions(surroundings) }

  private static let questions = StatisticsQuestion(question)

  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    SELECT c.oid::regclass::text AS "table", c.relpages::bigint AS "pages", c.reltuples::float8 AS "tuples",
      w.width AS "width", w.nullable AS "isNullable", w.known = w.columns AS "hasAllColumns",
      coalesce((SELECT split_part(o, '=', 2)::float8 FROM unnest(c.reloptions) AS o
        WHERE split_part(o, '=', 1) = 'fillfactor'), 100) AS "fillFactor",
      current_setting('block_size')::float8 AS "blockSize"
    FROM (
      SELECT c.*, (SELECT n.nspname FROM pg_namespace AS n WHERE n.oid = c.relnamespace) AS nspname
      FROM pg_class AS c WHERE c.relkind IN ('r', 'm') AND c.relpages >= 128 AND c.reltuples >= 0
        AND c.relam = (SELECT a.oid FROM pg_am AS a WHERE a.amname = 'heap') AND
    """ + ownRelation + statistics.readable("c.oid") + """
        ORDER BY c.relpages DESC, c.oid LIMIT 1000
      ) AS c CROSS JOIN LATERAL (
        SELECT sum((1 - s.nulls) * s.width)::float8 AS width, count(*) AS columns,
          coalesce(bool_or(s.nulls > 0), false) AS nullable, count(s.nulls) AS known
        FROM pg_attribute AS a
        LEFT JOIN
      """ + statistics.relation("c.oid", schema: "c.nspname", name: "c.relname") + """
           AS s ON s.number = a.attnum
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS w
        ORDER BY c.relpages DESC, 1
        """
  }

  /// A line pointer, a header of 23 bytes and a bitmap of nulls, each rounded up, and the columns.
  static func pages(_ row: Row) -> Double {
    let tuple = 4 + 24 + (row.isNullable ? 8 : 0) + (max(1, row.width ?? 1) / 8).rounded(.up) * 8
    return row.tuples * tuple / ((row.blockSize - 24) * max(10, min(100, row.fillFactor)) / 100) + 1
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter(\.hasAllColumns).compactMap { row -> (Double, Finding)? in
      let needed = Self.pages(row)
      guard let wasted = WastedSpace(of: row.pages, needed: needed, blockSize: row.blockSize, limits) else {
        return nil
      }
      return (
        wasted.bytes,
        finding(
          wasted.severity, .table, row.table,
          "about \(whole(wasted.percent)) % of \(row.table), \(size(wasted.counted)), is empty",
          [
            Figure("wasted", wasted.counted, .bytes), Figure("pages", row.pages),
            Figure("needed_pages", needed, .count),
            Figure("wasted_share", wasted.percent, .percent),
          ],
          remedies: [
            Remedy(
              "VACUUM FULL \(row.table);", .accessExclusive, .rewrite,
              risk: "nobody reads or writes it meanwhile; pg_repack does it beside others", isTransactional: false)
          ],
          notes: [
            "an estimate from statistics; pgstattuple_approx() of pgstattuple measures it",
            "new rows take the empty space first: after one large DELETE it may be best to do nothing",
          ])
      )
    }.sorted { $0.0 > $1.0 }.map(\.1)
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.count { !$0.hasAllColumns }
    return unknown == 0 ? [] : ["\(unknown) tables with columns that were never analyzed"]
  }
}
