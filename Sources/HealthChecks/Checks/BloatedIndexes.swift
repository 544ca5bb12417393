// B-trees with many more pages than their entries need.

import Database

struct BloatedIndexes: HealthCheck {
  let id = "bloated-indexes"
  let about = CheckDescription(
    .bloat, "Bloated indexes", why: "Empty space takes memory and disk, and every scan reads it.",
    rule: "An estimated waste of bloat-bytes and bloat-percent: notice; half of the index and bloat-warning-bytes: "
      + "warning. Knows fill factor and deduplication. With --exact the three largest wastes are measured by "
      + "pgstattuple.",
    needs: [.columnStatistics])

  struct Row: Decodable, Sendable {
    let number: Int64
    let name: String
    let table: String
    let pages: Int64
    let tuples: Double
    let width: Double?
    let isNullable: Bool
    let distinct: Double?
    let fillFactor: Double
    let deduplicates: Bool
    let isExclusion: Bool
    let hasAllColumns: Bool
    let blockSize: Double
  }

  /// What tuples need: a line pointer and a header, rounded up, and with deduplication six bytes for each heap pointer
  /// (https://www.postgresql.org/docs/current/btree-implementation.html#BTREE-DEDUPLICATION). Expressions have statistics
  /// under the index's own number.
  func question(for server: ServerInfo) -> SQL? { Self.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { Self.questions(surroundings) }

  private static let questions = StatisticsQuestion(question)

  private static func question(_ statistics: ColumnStatistics) -> SQL {
    """
    SELECT i.indexrelid::bigint AS "number", i.indexrelid::regclass::text AS "name", i.indrelid::regclass::text AS "table",
      c.relpages::bigint AS "pages",
      c.reltuples::float8 AS "tuples", w.width AS "width", w.nullable AS "isNullable", w.ndistinct AS "distinct",
      coalesce((SELECT split_part(o, '=', 2)::float8 FROM unnest(c.reloptions) AS o
        WHERE split_part(o, '=', 1) = 'fillfactor'), 90) AS "fillFactor",
      NOT i.indisunique AND i.indnatts = i.indnkeyatts
        AND NOT EXISTS (SELECT FROM unnest(c.reloptions) AS o WHERE o ~ '^deduplicate_items=(off|f|false|no|0)')
        AND NOT EXISTS (SELECT FROM unnest(i.indclass::oid[]) AS q(oid) JOIN pg_opclass AS p ON p.oid = q.oid
          WHERE p.opcintype IN (1700, 700, 701, 3802, 1186, 2277, 2283, 3831, 2249)) AS "deduplicates",
      i.indisexclusion AS "isExclusion", w.known = i.indnatts AS "hasAllColumns",
      current_setting('block_size')::float8 AS "blockSize"
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS m ON m.oid = t.relnamespace
    CROSS JOIN LATERAL (
      SELECT sum((1 - s.nulls) * s.width)::float8 AS width, coalesce(bool_or(s.nulls > 0), false) AS nullable,
        exp(least(sum(ln(greatest(CASE WHEN s.values < 0 THEN -s.values * greatest(t.reltuples, 1)
          ELSE s.values END, 1)::float8)), 700))::float8 AS ndistinct, count(s.nulls) AS known
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(att, place) LEFT JOIN (
        SELECT false AS inside, p.number, p.nulls, p.width, p.values FROM
    """ + statistics.relation("i.indrelid", schema: "m.nspname", name: "t.relname") + """
           AS p UNION ALL SELECT true, p.number, p.nulls, p.width, p.values FROM
      """ + statistics.relation("i.indexrelid", schema: "m.nspname", name: "c.relname") + """
             AS p) AS s ON s.inside = (k.att = 0) AND s.number = CASE WHEN k.att = 0 THEN k.place ELSE k.att END) AS w
        WHERE c.relkind = 'i' AND c.relpages >= 128 AND c.reltuples >= 0 AND i.indisvalid
          AND c.relam = (SELECT a.oid FROM pg_am AS a WHERE a.amname = 'btree') AND
        """ + ownRelation + statistics.readable("i.indrelid") + """
        ORDER BY c.relpages DESC, 1 LIMIT 5000
        """
  }

  /// Pages that a freshly built index of this content has.
  static func pages(_ row: Row) -> Double {
    let width = max(1, row.width ?? 1)
    let tuple = 8 + (row.isNullable ? 8 : 0) + (width / 8).rounded(.up) * 8 + 4
    let distinct = min(max(1, row.distinct ?? row.tuples), max(1, row.tuples))
    let bytes: Double
    if row.deduplicates && distinct < row.tuples / 2 {
      bytes = 6 * row.tuples + max(distinct, 6 * row.tuples / 1_350) * tuple
    } else {
      bytes = row.tuples * tuple
    }
    return bytes / ((row.blockSize - 40) * max(10, min(100, row.fillFactor)) / 100) + 1
  }

  /// By estimate, the largest waste first.
  private func wastes(_ rows: [Row], _ limits: Limits) -> [(row: Row, finding: Finding)] {
    rows.filter(\.hasAllColumns).compactMap { row -> (wasted: Double, (row: Row, finding: Finding))? in
      let needed = Self.pages(row)
      guard let wasted = WastedSpace(of: row.pages, needed: needed, blockSize: row.blockSize, limits) else {
        return nil
      }
      let note = "an estimate from statistics; pgstatindex() of pgstattuple measures it"
      return (wasted.bytes, (row, finding(of: row, pages: row.pages, needed: needed, wasted, "about ", notes: [note])))
    }.sorted { $0.wasted > $1.wasted }.map(\.1)
  }

  private func finding(
    of row: Row, pages: Int64, needed: Double, _ wasted: WastedSpace, _ way: String, notes: [String]
  ) -> Finding {
    finding(
      wasted.severity, .index, row.name,
      "\(way)\(whole(wasted.percent)) % of \(row.name) on \(row.table), \(size(wasted.counted)), is empty",
      [
        Figure("wasted", wasted.counted, .bytes), Figure("pages", pages), Figure("needed_pages", needed, .count),
        Figure("wasted_share", wasted.percent, .percent), Figure("table", row.table),
      ],
      remedies: row.isExclusion
        ? []
        : [
          Remedy(
            "REINDEX INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, .build,
            risk: "needs as much free disk as the new index; waits for older transactions", isTransactional: false)
        ], notes: notes)
  }

  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    wastes(rows, limits).map(\.finding)
  }

  private static let measuring: SQL = """
    SELECT i.index_size / current_setting('block_size')::bigint, i.leaf_pages, i.avg_leaf_density, i.internal_pages
    FROM pgstatindex($1::oid::regclass) AS i
    """

  func examinations(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
    guard surroundings.isExact, surroundings.mayMeasure, let schema = surroundings.measuringSchema else { return [] }
    return wastes(rows, limits).prefix(WastedSpace.mostMeasured).map { row, _ in
      Examination(
        sql: Self.measuring, values: ["\(row.number)"], schema: schema, object: FoundObject(.index, row.name)
      ) { cells in
        let numbers = cells.map { $0.flatMap(Double.init) ?? 0 }
        guard numbers.count == 4, let pages = Int64(exactly: numbers[0]) else { return nil }
        let full = max(10, min(100, row.fillFactor))
        let needed = numbers[1] * (numbers[2].isNaN ? 0 : numbers[2]) / full + numbers[3] + 1
        return WastedSpace(of: pages, needed: needed, blockSize: row.blockSize, limits).map {
          finding(of: row, pages: pages, needed: needed, $0, "", notes: ["measured by pgstatindex()"])
        }
      }
    }
  }

  func omissions(_ rows: [Row], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.count { !$0.hasAllColumns }
    return (unknown == 0 ? [] : ["\(unknown) indexes with columns that were never analyzed"])
      + surroundings.unmeasured
  }
}
