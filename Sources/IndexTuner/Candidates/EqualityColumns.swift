// Columns bound by equality.

import Database

/// Single columns, and sets of them in both senses of order: the most selective first, and each one first.
struct EqualityColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "equality-columns"
  let summary = "Columns bound by =, IN, = ANY or IS NULL: each alone, and together with each of them leading"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      let singles = columns.equalities.map { [$0] }
      let sets = columns.equalityChoices(upTo: maximumColumns).filter { $0.count > 1 }
      let led = sets.flatMap { set in
        set.filter { lead in !set.contains { columns.isPoorLead(lead, before: $0) } }
          .map { lead in [lead] + set.filter { $0 != lead } }
      }
      return (singles + led).map(keys)
    }
  }
}
