// Tables with many more pages than their rows need.

import Database

struct BloatedTables: HealthCheck {
  let id = "bloated-tables"
  let about = CheckDescription(
    .bloat, "Bloated tables", why: "Empty space takes memory and disk, and every scan reads it.",
    rule: "An estimated waste of bloat-bytes and bloat-percent: notice; half of the table and bloat-warning-bytes: "
      + "warning. Knows fill factor; columns that were never analyzed are said. With --exact the three largest wastes "
      + "are measured by pgstattuple.", needs: [.columnStatistics], surveys: .sizes)

  func question(for server: ServerInfo) -> SQL? { TableSize.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { TableSize.questions(surroundings) }
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { TableSize.values(limits) }

  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool {
    !surroundings.isExact && surroundings.survey.areTablesBelow(limits["bloat-bytes"])
  }

  /// A line pointer, a header of 23 bytes and a bitmap of nulls, each rounded up, and the columns.
  static func pages(_ row: TableSize) -> Double {
    let tuple = 4 + 24 + (row.isNullable ? 8 : 0) + (max(1, row.width ?? 1) / 8).rounded(.up) * 8
    return row.tuples * tuple / ((row.blockSize - 24) * max(10, min(100, row.fillFactor)) / 100) + 1
  }

  /// By estimate, the largest waste first.
  private func wastes(_ rows: [TableSize], _ limits: Limits) -> [(row: TableSize, finding: Finding)] {
    rows.filter(\.hasAllColumns).compactMap { row -> (wasted: Double, (row: TableSize, finding: Finding))? in
      let needed = Self.pages(row)
      guard let wasted = WastedSpace(of: row.pages, needed: needed, blockSize: row.blockSize, limits) else {
        return nil
      }
      let note = "an estimate from statistics; pgstattuple_approx() of pgstattuple measures it"
      return (wasted.bytes, (row, finding(of: row, pages: row.pages, needed: needed, wasted, "about ", note)))
    }.sorted { $0.wasted > $1.wasted }.map(\.1)
  }

  private func finding(
    of row: TableSize, pages: Int64, needed: Double, _ wasted: WastedSpace, _ way: String, _ note: String
  ) -> Finding {
    finding(
      wasted.severity, .table, row.table,
      "\(way)\(whole(wasted.percent)) % of \(row.table), \(size(wasted.counted)), is empty",
      [
        Figure("wasted", wasted.counted, .bytes), Figure("pages", pages), Figure("needed_pages", needed, .count),
        Figure("wasted_share", wasted.percent, .percent),
      ],
      remedies: [
        Remedy(
          "VACUUM FULL \(row.table);", .accessExclusive, .rewrite,
          risk: "nobody reads or writes it meanwhile; pg_repack does it beside others", isTransactional: false)
      ],
      notes: [note, "new rows take the empty space first: after one large DELETE it may be best to do nothing"])
  }

  func judge(_ rows: [TableSize], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    wastes(rows, limits).map(\.finding)
  }

  private static let measuring: SQL = """
    SELECT t.table_len / current_setting('block_size')::bigint, t.approx_tuple_len, t.approx_tuple_count
    FROM pgstattuple_approx($1::oid::regclass) AS t
    """

  /// Skips what the visibility map knows to be all visible, and reads the rest.
  func examinations(_ rows: [TableSize], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
    guard surroundings.isExact, surroundings.mayMeasure, let schema = surroundings.measuringSchema else { return [] }
    return wastes(rows, limits).prefix(WastedSpace.mostMeasured).map { row, _ in
      Examination(
        sql: Self.measuring, values: ["\(row.number)"], schema: schema, object: FoundObject(.table, row.table)
      ) { cells in
        let numbers = cells.map { $0.flatMap(Double.init) ?? 0 }
        guard numbers.count == 3, let pages = Int64(exactly: numbers[0]) else { return nil }
        // Each row has a line pointer of four bytes beside it.
        let full = (row.blockSize - 24) * max(10, min(100, row.fillFactor)) / 100
        let needed = (numbers[1] + 4 * numbers[2]) / full + 1
        return WastedSpace(of: pages, needed: needed, blockSize: row.blockSize, limits).map {
          finding(of: row, pages: pages, needed: needed, $0, "", "measured by pgstattuple_approx()")
        }
      }
    }
  }

  func omissions(_ rows: [TableSize], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.count { !$0.hasAllColumns }
    return (unknown == 0 ? [] : ["\(unknown) tables with columns that were never analyzed"])
      + surroundings.unmeasured
  }
}
