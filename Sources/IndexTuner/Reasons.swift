// Why an index: which of its columns the statements ask for, and how.

import Database

/// Phrases for people, from the shapes of the statements that an index helps; pure.
struct Reasons {
  let workload: Workload

  /// One phrase a key column, in key order: `customer_id: equality (3 statements), join (1)`.
  func phrases(for index: IndexDefinition, helping queries: [Int]) -> [String] {
    let keys = index.keys.map { key in
      var counts: [(role: String, count: Int)] = []
      for query in queries {
        var roles: [String] = []
        for use in workload.queries[query].shape.uses where use.table == index.table {
          for role in Self.roles(of: key, in: use) where !roles.contains(role) { roles.append(role) }
        }
        for role in roles {
          if let known = counts.firstIndex(where: { $0.role == role }) {
            counts[known].count += 1
          } else {
            counts.append((role, 1))
          }
        }
      }
      let parts = counts.enumerated().map { position, entry in
        position == 0
          ? "\(entry.role) (\(entry.count) statement\(entry.count == 1 ? "" : "s"))" : "\(entry.role) (\(entry.count))"
      }
      return "\(key.target): \(parts.isEmpty ? "read from the index" : parts.joined(separator: ", "))"
    }
    let included =
      index.included.isEmpty
      ? [] : ["INCLUDE \(index.included.joined(separator: ", ")): read from the index alone, where VACUUM keeps up"]
    let condition = index.predicate.map { [Self.phrase(for: $0)] } ?? []
    return keys + included + condition
  }

  private static func phrase(for predicate: IndexDefinition.Predicate) -> String {
    let isValue = [" = ", " <> ", " NOT IN ("].contains { predicate.text.contains($0) }
    return "WHERE \(predicate.text): a condition that the statements state as a constant"
      + (isValue ? "; a generic plan, where the value is a parameter, cannot use it" : "")
  }

  private static func roles(of key: IndexDefinition.Key, in use: TableUse) -> [String] {
    var roles: [String] = []
    if use.lookups.contains(where: { $0.key.target == key.target }) {
      let operators = Reading.unique(use.lookups.filter { $0.key.target == key.target }.map(\.operatorName))
      roles.append("operator \(operators.joined(separator: " "))")
    }
    if key.expression != nil {
      for expression in use.expressions where expression.key.target == key.target {
        switch expression.role {
        case .equality: roles.append("equality")
        case .range: roles.append("range")
        case .prefix: roles.append("beginning of a pattern")
        }
      }
      if use.orderings.contains(where: { $0.keys.contains { $0.target == key.target } }) { roles.append("ordering") }
      return Reading.unique(roles)
    }
    let column = key.column
    if use.prefixes.contains(column) { roles.append("beginning of a pattern") }
    if use.equalities.contains(column) { roles.append("equality") }
    if use.ranges.contains(column) { roles.append("range") }
    if use.joins.contains(where: { $0.column == column }) { roles.append("join") }
    for ordering in use.orderings where ordering.keys.contains(where: { $0.column == column }) {
      roles.append(ordering.isLimited ? "ordering with a limit" : "ordering")
      break
    }
    if use.arms.contains(where: { $0.equalities.contains(column) || $0.ranges.contains(column) }) {
      roles.append("an arm of an OR")
    }
    if use.groupings.contains(where: { $0.contains(column) }) { roles.append("grouping") }
    if use.extremes.contains(column) { roles.append("minimum or maximum") }
    return roles
  }
}
