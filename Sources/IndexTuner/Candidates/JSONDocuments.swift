// Conditions on what a jsonb document holds.

import Database

/// `jsonb_path_ops` is smaller and knows `@>`, `@?` and `@@`; `?` and its kin need the default class
/// (https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING).
struct JSONDocuments: CandidateGenerator {
  let id = "json-documents"
  let summary = "A GIN index for @>, ?, @? and their kin on jsonb, with jsonb_path_ops where that suffices"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    lookups(for: shape, in: catalog, of: [.containment, .existence, .path]) { key, lookups in
      var key = key
      let isPlain = lookups.contains { $0.kind == .existence } || lookups.contains { $0.typeName != "jsonb" }
      if !isPlain { key.operatorClass = "jsonb_path_ops" }
      return (.gin, key)
    }
  }
}

extension CandidateGenerator {
  /// One definition for each key that lookups of these kinds name.
  func lookups(
    for shape: QueryShape, in catalog: Catalog, of kinds: Set<TableUse.Lookup.Kind>,
    _ body: (IndexDefinition.Key, [TableUse.Lookup]) -> (IndexDefinition.Method, IndexDefinition.Key)?
  ) -> [IndexDefinition] {
    shape.uses.flatMap { use -> [IndexDefinition] in
      guard let relation = catalog[use.table] else { return [] }
      let own = use.lookups.filter { kinds.contains($0.kind) }
      return Reading.unique(own.map(\.key)).compactMap { key in
        body(key, own.filter { $0.key == key }).map { IndexDefinition(on: relation, method: $0.0, keys: [$0.1]) }
      }
    }
  }
}
