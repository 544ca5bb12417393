// Columns of GROUP BY and DISTINCT.

import Database

/// Groups that come in order need no hash table and no sort; the order within the list is free.
struct GroupingColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "grouping-columns"
  let summary = "Grouping lists: as written and with the most distinct column first, also after the equality columns"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      columns.groupings.flatMap { grouping -> [[IndexDefinition.Key]] in
        let free = grouping.filter { !columns.equalities.contains($0) }
        guard !free.isEmpty else { return [] }
        let orders = [free, UseColumns.mostDistinctFirst(free, in: columns.relation), Array(free.reversed())]
        let prefixes = columns.equalityChoices(upTo: maximumColumns - 1)
        return prefixes.flatMap { prefix in orders.map { keys(prefix + $0) } }
      }
    }
  }
}
