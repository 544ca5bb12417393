// Equality columns first, one range column last.

import Database

/// A btree narrows by every equality and then reads one contiguous range; after a range nothing narrows any more.
struct EqualityThenRange: CandidateGenerator {
  let maximumColumns: Int
  let id = "equality-then-range"
  let summary = "Columns bound by equality, most selective first, then one column with a range"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let prefixes = columns.equalityChoices(upTo: maximumColumns - 1).filter { !$0.isEmpty }
      return columns.ranges.prefix(UseColumns.combined).flatMap { range in prefixes.map { keys($0 + [range]) } }
    }
  }
}
