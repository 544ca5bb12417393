// BRIN indexes on columns whose values lie all over the table.

import Database

struct ScatteredBRIN: HealthCheck {
  let id = "scattered-brin-indexes"
  let about = CheckDescription(
    .indexes, "BRIN indexes on scattered columns",
    why: "Each range of blocks holds nearly all values, so that a scan leaves out none of them.",
    rule: "A BRIN index whose first column's correlation with the order of the rows is below 0.9, either way: info. "
      + "Those of operator classes for several ranges or Bloom filters are left out.", needs: [.columnStatistics])

  func question(for server: ServerInfo) -> SQL? { PeculiarIndex.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { PeculiarIndex.questions(surroundings) }

  func judge(_ rows: [PeculiarIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.compactMap { row in
      guard row.method == "brin", row.isOfRanges, let correlation = row.correlation, correlation.magnitude < 0.9,
        let column = row.columns.first, !column.isEmpty
      else { return nil }
      return finding(
        .info, .index, row.name,
        "the order of \(row.table) has little to do with \(column), of which \(row.name) keeps ranges",
        [Figure("correlation", correlation, .count), Figure("bytes", row.bytes, .bytes)],
        remedies: [
          Remedy(
            "CREATE INDEX CONCURRENTLY ON \(row.table) (\(column));", .shareUpdateExclusive, .build,
            risk: "a B-tree is many times as large", isTransactional: false),
          Remedy("DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, isTransactional: false),
        ],
        notes: ["or keep it, and rewrite the table in the order of \(column): CLUSTER locks everybody out meanwhile"])
    }
  }

  func omissions(_ rows: [PeculiarIndex], _ surroundings: Surroundings) -> [String] {
    let unknown = rows.filter { $0.method == "brin" && $0.isOfRanges && $0.correlation == nil && $0.columns != [""] }
    guard let first = unknown.first else { return [] }
    return ["\(unknown.count) BRIN indexes on columns without statistics, such as \(first.name)"]
  }
}
