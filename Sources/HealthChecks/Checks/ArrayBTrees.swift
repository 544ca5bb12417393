// B-trees on arrays, which find whole arrays and no elements.

import Database

struct ArrayBTrees: HealthCheck {
  let id = "array-btrees"
  let about = CheckDescription(
    .indexes, "B-trees on array columns",
    why: "A search for an element does not use it.",
    rule: "A B-tree whose only column is an array: info.")

  func question(for server: ServerInfo) -> SQL? { PeculiarIndex.questions.ofAll }
  func question(in surroundings: Surroundings) -> SQL? { PeculiarIndex.questions(surroundings) }

  func judge(_ rows: [PeculiarIndex], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.filter {
      $0.method == "btree" && $0.types == ["anyarray"] && !$0.isUnique && $0.columns != [""]
    }.map { row in
      let column = row.columns.first ?? ""
      return finding(
        .info, .index, row.name, "\(row.name) is a B-tree on the array \(row.table).\(column)",
        remedies: [
          Remedy(
            "CREATE INDEX CONCURRENTLY ON \(row.table) USING gin (\(column));", .shareUpdateExclusive, .build,
            isTransactional: false),
          Remedy(
            "DROP INDEX CONCURRENTLY \(row.name);", .shareUpdateExclusive, risk: "comparisons of whole arrays use it",
            isTransactional: false),
        ])
    }
  }
}
