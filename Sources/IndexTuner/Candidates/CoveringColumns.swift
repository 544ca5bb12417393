// Indexes that hold all a statement reads of a table.

import Database

/// An index-only scan leaves the table alone as far as VACUUM has marked its pages all-visible, which the planner knows
/// and prices (https://www.postgresql.org/docs/current/indexes-index-only-scans.html).
struct CoveringColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "covering-columns"
  let summary = "Keys for the conditions, the join or the order, with the few other columns read as INCLUDE"

  /// Key lists of one table instance.
  private static let bound = 2

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    let limits = Limits()
    return shape.uses.flatMap { use -> [IndexDefinition] in
      // With an order and a limit few rows are wanted as well.
      guard !use.isTarget, !use.orderings.contains(where: \.isLimited), let columns = UseColumns(use, in: catalog),
        !use.referenced.isEmpty,
        use.referenced.count <= limits.coveredColumns, use.referenced.count > 1
      else { return [] }
      var found: [IndexDefinition] = []
      for keys in keyLists(columns, limits).prefix(Self.bound) {
        let named = Set(keys.map(\.column))
        let included = use.referenced.subtracting(named).sorted()
        guard !included.isEmpty else { continue }
        found.append(IndexDefinition(on: columns.relation, keys: keys, included: included))
      }
      return found
    }
  }

  /// What leads to the rows, the best first: equalities and a range, a join, an order. Few rows are visited quickly.
  private func keyLists(_ columns: UseColumns, _ limits: Limits) -> [[IndexDefinition.Key]] {
    var lists: [[IndexDefinition.Key]] = []
    let equalities = Array(columns.equalities.prefix(max(1, maximumColumns - 1)))
    let range = columns.ranges.first.map { [$0] } ?? []
    guard columns.joins.count + columns.groupings.count > 0 || columns.expectedRows >= limits.coveredRows else {
      return []
    }
    if !equalities.isEmpty || !range.isEmpty { lists.append(keys(equalities + range)) }
    if let join = columns.joins.first { lists.append(keys([join])) }
    if let ordering = columns.orderings.first(where: { !$0.isLimited && $0.keys.allSatisfy(\.isPlain) }) {
      let free = ordering.keys.filter { key in !equalities.contains(key.column) }
      lists.append(Array((keys(equalities) + free).prefix(maximumColumns)))
    }
    if let grouping = columns.groupings.first { lists.append(keys(Array(grouping.prefix(maximumColumns)))) }
    var seen: Set<[IndexDefinition.Key]> = []
    return lists.map { Array($0.prefix(maximumColumns)) }.filter { !$0.isEmpty && seen.insert($0).inserted }
  }
}
