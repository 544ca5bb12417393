// Patterns that are not tied to the beginning, or that ignore case.

import Database

/// Needs the extension pg_trgm (https://www.postgresql.org/docs/current/pgtrgm.html).
struct Trigrams: CandidateGenerator {
  static let operatorClass = "gin_trgm_ops"
  let id = "trigrams"
  let summary = "A GIN index of trigrams for LIKE '%abc%', ILIKE and regular expressions"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    lookups(for: shape, in: catalog, of: [.trigram]) { key, _ in
      var key = key
      key.operatorClass = Self.operatorClass
      return (.gin, key)
    }
  }
}
