// Indexes of the rows alone that a constant condition leaves.

import Database

/// The planner uses a partial index where it can prove its condition from the statement's own, so never for a parameter
/// (https://www.postgresql.org/docs/current/indexes-partial.html). Only conditions that other statements are likely to
/// share count: a flag, a missing or present value, one of few values such as a state.
struct PartialConditions: CandidateGenerator {
  let maximumColumns: Int
  let id = "partial-conditions"
  let summary =
    "Indexes WHERE a flag, IS NULL, IS NOT NULL or one of few values, keyed by the other conditions or the order"

  /// Indexes of one table instance.
  private static let bound = 10

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    let limits = Limits()
    return shape.uses.flatMap { use -> [IndexDefinition] in
      guard let columns = UseColumns(use, in: catalog) else { return [] }
      let shared = use.constants.filter { Self.isShared($0, on: columns.relation, limits) }
      var found: [IndexDefinition] = []
      for (predicate, constants) in Self.predicates(shared) {
        for keys in keyLists(columns, where: constants) {
          found.append(IndexDefinition(on: columns.relation, keys: keys, predicate: predicate))
        }
      }
      return Array((found + nullHeavy(columns)).prefix(Self.bound))
    }
  }

  private static func isShared(_ constant: TableUse.Constant, on relation: Relation, _ limits: Limits) -> Bool {
    guard let column = relation.column(constant.column) else { return false }
    switch constant.form {
    case .flag, .missing: return true
    case .present: return (column.nullFraction ?? 0) > 0.3
    case .value, .differing:
      // A day is what the next call asks otherwise, even where there are few so far.
      let isMoment = ["date", "time"].contains { ColumnTypes.normalized(column.typeName).hasPrefix($0) }
      guard !isMoment, let distinct = column.distinctValues, distinct > 0 else { return false }
      return distinct <= limits.partialValues
    }
  }

  /// All of them together, and each alone.
  private static func predicates(
    _ constants: [TableUse.Constant]
  ) -> [(IndexDefinition.Predicate, [TableUse.Constant])] {
    guard !constants.isEmpty else { return [] }
    let sorted = constants.sorted { $0.text < $1.text }
    let choices = sorted.count == 1 ? [sorted] : [sorted] + sorted.prefix(2).map { [$0] }
    return choices.map { choice in
      let text = choice.map(\.text).joined(separator: " AND ")
      return (IndexDefinition.Predicate(text: text, columns: choice.map(\.column)), choice)
    }
  }

  private func keyLists(_ columns: UseColumns, where constants: [TableUse.Constant]) -> [[IndexDefinition.Key]] {
    // What only differs, or is there, is still something to sort and search by.
    let fixed = Set(constants.filter { $0.form != .present && $0.form != .differing }.map(\.column))
    let equalities = Array(columns.equalities.filter { !fixed.contains($0) }.prefix(max(1, maximumColumns - 1)))
    var lists: [[IndexDefinition.Key]] = []
    for ordering in columns.orderings.prefix(1) {
      lists.append(keys(equalities) + ordering.keys.filter { !fixed.contains($0.column) })
    }
    if let range = columns.ranges.first(where: { !fixed.contains($0) }) { lists.append(keys(equalities + [range])) }
    if !equalities.isEmpty { lists.append(keys(equalities)) }
    if let join = columns.joins.first { lists.append(keys([join])) }
    lists += columns.use.expressions.prefix(1).map { [$0.key] }
    lists += columns.use.prefixes.prefix(1).compactMap { name in
      columns.relation.column(name).flatMap { PatternColumns.operatorClass(of: $0.typeName) }.map {
        [IndexDefinition.Key(name, operatorClass: $0)]
      }
    }
    lists = lists.map { Array($0.prefix(maximumColumns)) }.filter { !$0.isEmpty }
    // Nothing else is asked: something that is read is the key, or the condition's own column.
    if lists.isEmpty, columns.use.lookups.isEmpty, columns.use.arms.isEmpty {
      let read = columns.use.referenced.subtracting(fixed).sorted().filter { name in
        columns.relation.column(name).map {
          $0.isSortable && ($0.averageWidth ?? 100) <= 16 && $0.typeName != "jsonb" && !$0.typeName.hasSuffix("[]")
        } ?? false
      }
      let primary = columns.relation.indexes.first(where: \.isPrimary)?.keys.first?.column
      let own = read.first { $0 == primary } ?? read.first ?? constants.map(\.column).sorted().first
      // One of several values: the column itself as a key serves the others as well.
      let isOneOfSeveral = constants.allSatisfy { $0.form == .value }
      if let own, own != primary || !isOneOfSeveral { lists.append(keys([own])) }
    }
    return lists
  }

  /// Any comparison of a column that is mostly missing leaves out the missing ones.
  private func nullHeavy(_ columns: UseColumns) -> [IndexDefinition] {
    let missing = Set(columns.use.constants.filter { $0.form == .missing }.map(\.column))
    return (columns.equalities + columns.ranges + columns.joins).prefix(3).compactMap { name in
      guard !missing.contains(name), (columns.relation.column(name)?.nullFraction ?? 0) > 0.5 else { return nil }
      return IndexDefinition(
        on: columns.relation, keys: keys([name]),
        predicate: .init(text: "\(quotedIdentifier(name)) IS NOT NULL", columns: [name]))
    }
  }
}
