// Columns of ORDER BY, of windows and of DISTINCT ON, in their directions.

import Database

/// With the equality columns in front the index still delivers the order; with a LIMIT it stops early.
struct SortColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "sort-columns"
  let summary = "Sort lists with their directions: alone, and after the equality or join columns"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      columns.orderings.flatMap { ordering -> [[IndexDefinition.Key]] in
        var found = [ordering.keys, Array(ordering.keys.prefix(1))]
        let prefixes = columns.equalityChoices(upTo: maximumColumns - 1).filter { !$0.isEmpty }
        found += prefixes.map { keys($0) + ordering.keys }
        for join in columns.joins.prefix(UseColumns.combined) {
          found.append(keys([join]) + ordering.keys)
          for equality in columns.equalities.prefix(2) {
            found += [keys([join, equality]) + ordering.keys, keys([equality, join]) + ordering.keys]
          }
        }
        guard ordering.isLimited else { return found }
        // Reading in order and filtering inside the index until enough rows are found.
        let filters = columns.equalities + columns.ranges
        found += filters.prefix(UseColumns.combined).map { ordering.keys + keys([$0]) }
        return found
      }
    }
  }
}
