// Tables of which few rows fit into a page.

import Database

struct WideRows: HealthCheck {
  let id = "wide-rows"
  let about = CheckDescription(
    .schema, "Wide rows", why: "Who wants one column reads and writes all of them: few rows fit into a page.",
    rule: "wide-row-bytes in an average row, without what is stored out of line, in a table of at least "
      + "wide-table-bytes, or more than a hundred columns there: info.", needs: [.columnStatistics],
    surveys: .sizes)

  func question(for server: ServerInfo) -> SQL? { TableSize.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { TableSize.questions(surroundings) }
  func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { TableSize.values(limits) }

  func findsNothing(_ surroundings: Surroundings, _ limits: Limits) -> Bool {
    surroundings.survey.areTablesBelow(limits["wide-table-bytes"])
  }

  func judge(_ rows: [TableSize], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      let bytes = Double(row.pages) * row.blockSize
      guard bytes >= limits["wide-table-bytes"], row.tuples > 0 else { return nil }
      let width = row.hasAllColumns ? row.width ?? 0 : 0
      guard width >= max(1, limits["wide-row-bytes"]) || row.columns > 100 else { return nil }
      return finding(
        .info, .table, row.table,
        "an average row of \(row.table) has \(row.columns) columns"
          + (row.hasAllColumns ? " and \(whole(width)) bytes" : ""),
        [
          Figure("width", width, .bytes), Figure("columns", row.columns),
          Figure("table_bytes", Int64(min(bytes, 9e18)), .bytes),
        ],
        notes: [
          "columns that are seldom read, or often changed, may have a table of their own with the same key",
          "ALTER TABLE \(row.table) ALTER COLUMN … SET STORAGE EXTERNAL keeps long values out of line, new ones only",
        ])
    }
  }

  func omissions(_ rows: [TableSize], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.count { !$0.hasAllColumns }
    return unknown == 0 ? [] : ["\(unknown) tables with columns that were never analyzed"]
  }
}
