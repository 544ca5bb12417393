// Columns with a range.

import Database

/// One range is read as a whole; a second one is checked inside the index, before the table is visited.
struct RangeColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "range-columns"
  let summary = "Columns with a range: each alone, and two together in both orders"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let pairs = UseColumns.choices(columns.ranges, upTo: 2).filter { $0.count == 2 }
      return (columns.ranges.map { [$0] } + pairs.flatMap { [$0, $0.reversed()] }).map(keys)
    }
  }
}
