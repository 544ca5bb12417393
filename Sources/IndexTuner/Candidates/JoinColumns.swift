// Columns compared by = with columns of other tables.

import Database

/// The inner side of a nested loop is entered by its join column, the driving side is filtered first: both orders.
struct JoinColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "join-columns"
  let summary = "Join columns: alone, two together, before and after the equality columns, and before a range"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      var found = columns.joins.map { [$0] }
      let joins = columns.joins.prefix(UseColumns.combined)
      let filters = columns.equalityChoices(upTo: maximumColumns - 1).filter { !$0.isEmpty }
      for join in joins {
        for filter in filters { found += [[join] + filter, filter + [join]] }
        for range in columns.ranges.prefix(UseColumns.combined) {
          found.append([join, range])
          for equality in columns.equalities.prefix(2) {
            found += [[join, equality, range], [equality, join, range]]
          }
        }
        for other in joins where other != join {
          found.append([join, other])
          for equality in columns.equalities.prefix(1) {
            found += [[join, other, equality], [equality, join, other]]
          }
        }
      }
      return found.map(keys)
    }
  }
}
