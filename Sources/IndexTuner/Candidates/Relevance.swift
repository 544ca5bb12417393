// Which candidates could matter to a statement.

import Database

/// What the candidates of a run name, looked up once for all statements.
struct Relevance {
  private struct Candidate {
    let place: Int
    let first: String
    let columns: Set<String>
  }

  private let byTable: [RelationID: [Candidate]]
  private let catalog: Catalog

  init(of candidates: [IndexDefinition], in catalog: Catalog) {
    var byTable: [RelationID: [Candidate]] = [:]
    for (place, candidate) in candidates.enumerated() {
      guard let first = candidate.keys.first else { continue }
      byTable[candidate.table, default: []].append(
        Candidate(place: place, first: first.column, columns: candidate.columns))
    }
    self.byTable = byTable
    self.catalog = catalog
  }

  /// A candidate matters to a statement that uses its table, or a partition of it, and names its leading column there; it
  /// is close where the statement names all its columns.
  func candidates(for query: Query) -> (all: IndexSet, close: IndexSet) {
    var columns: [RelationID: Set<String>] = [:]
    for use in query.shape.uses {
      var table: RelationID? = use.table
      while let id = table {
        columns[id, default: []].formUnion(use.referenced)
        table = catalog[id]?.parent
      }
    }
    var (all, close): ([Int], [Int]) = ([], [])
    for (table, named) in columns {
      for candidate in byTable[table] ?? [] where named.contains(candidate.first) {
        all.append(candidate.place)
        if candidate.columns.isSubset(of: named) { close.append(candidate.place) }
      }
    }
    return (IndexSet(all), IndexSet(close))
  }
}
