// All sensible pairs of columns, and a few triples, whatever brings them into the statement.

import Database

/// Fills the gaps between the other generators: two columns that serve different clauses of the same statement.
struct CombinedColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "combined-columns"
  let summary =
    "Pairs of any two columns that conditions, joins, sorting or grouping name, a range never before a filter"

  /// Key lists from one table instance.
  private static let bound = 60

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    guard maximumColumns > 1 else { return [] }
    return definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let seekable = columns.equalities.prefix(UseColumns.combined) + columns.joins.prefix(UseColumns.combined)
      let delivered = columns.orderings.compactMap(\.keys.first?.column) + columns.groupings.compactMap(\.first)
      let later = UseColumns.unique(Array(columns.ranges.prefix(UseColumns.combined)) + delivered + columns.extremes)
      var found: [[String]] = []
      for first in seekable {
        for second in seekable + later where second != first && !columns.isPoorLead(first, before: second) {
          found.append([first, second])
        }
      }
      for first in UseColumns.unique(delivered) {
        for second in seekable + later where second != first { found.append([first, second]) }
      }
      for first in seekable {
        for second in seekable where second != first && !columns.isPoorLead(first, before: second) {
          for third in later where third != first && third != second { found.append([first, second, third]) }
        }
      }
      return found.prefix(Self.bound).map(keys)
    }
  }
}
