// Full text search.

import Database

/// https://www.postgresql.org/docs/current/textsearch-indexes.html
struct TextWords: CandidateGenerator {
  let id = "text-words"
  let summary = "A GIN index for @@ on a tsvector column, or on the to_tsvector call with its configuration"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    lookups(for: shape, in: catalog, of: [.fullText]) { key, _ in (.gin, key) }
  }
}
