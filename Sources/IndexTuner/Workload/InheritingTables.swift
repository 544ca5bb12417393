// Tables that inherit from those a statement names: they are read as well, each with indexes of its own.

package import Database

extension QueryShape {
  /// For each table instance that was named without ONLY, one of each table that inherits from it, asked for the same. Only
  /// partitions take over an index of what is above them
  /// (https://www.postgresql.org/docs/current/ddl-inherit.html#DDL-INHERIT-CAVEATS).
  package mutating func addChildren(in catalog: Catalog, _ limits: Limits) {
    for position in uses.indices where uses[position].includesChildren {
      guard let relation = catalog[uses[position].table], !relation.children.isEmpty else { continue }
      for child in relation.children.prefix(limits.inheritingTables) where uses.count < limits.tableInstances {
        var use = uses[position]
        use.table = child
        use.isLeading = false
        use.includesChildren = false
        uses.append(use)
        guard use.isTarget, let updated = updatedColumns[relation.id] else { continue }
        updatedColumns[child, default: []].formUnion(updated)
      }
      guard let bounded = relation.boundedChildren(limits) else { continue }
      uses[position].obstacles.append(bounded)
    }
  }
}

extension Relation {
  /// In words, that not all tables that inherit from this one are looked into.
  package func boundedChildren(_ limits: Limits) -> String? {
    guard children.count > limits.inheritingTables else { return nil }
    return
      "of the \(children.count) tables that inherit from it, the \(limits.inheritingTables) largest are looked into"
  }
}
