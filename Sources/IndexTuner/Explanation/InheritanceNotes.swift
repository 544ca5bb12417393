// What a recommendation has to say where tables inherit from one another.

import Database

/// Only partitions take over an index of their parent: with plain inheritance each table has its own.
struct InheritanceNotes {
  let catalog: Catalog
  let limits: Limits

  /// Empty where the table neither inherits nor is inherited from.
  func notes(on relation: Relation) -> [String] {
    let family = catalog.relations.values.filter { $0.id == relation.id || $0.children.contains(relation.id) }
    let top = family.max { ($0.children.count, $1.id) < ($1.children.count, $0.id) }
    guard let top, !top.children.isEmpty else { return [] }
    let bounded = top.boundedChildren(limits).map { "; \($0)" } ?? ""
    return [
      "tables inherit from \(quotedIdentifier(top.name)), and an index is that of one table alone: each needs its own"
        + bounded
    ]
  }
}
