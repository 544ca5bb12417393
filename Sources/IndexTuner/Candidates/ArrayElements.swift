// Conditions on what an array holds.

import Database

/// https://www.postgresql.org/docs/current/gin-builtin-opclasses.html
struct ArrayElements: CandidateGenerator {
  let id = "array-elements"
  let summary = "A GIN index for @>, <@ and && on arrays"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    lookups(for: shape, in: catalog, of: [.array]) { key, _ in (.gin, key) }
  }
}
