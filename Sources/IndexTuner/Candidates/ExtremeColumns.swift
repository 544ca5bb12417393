// Columns of min and max.

import Database

/// `min(col)` and `max(col)` read one entry from an end of the index, or of the part with equal leading columns.
struct ExtremeColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "extreme-columns"
  let summary = "The column of a lone min or max: alone, and after the equality or join columns"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let prefixes = columns.equalityChoices(upTo: maximumColumns - 1) + columns.joins.map { [$0] }
      return columns.extremes.flatMap { extreme in prefixes.map { keys($0 + [extreme]) } }
    }
  }
}
