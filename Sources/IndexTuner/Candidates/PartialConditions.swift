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
      for predicate in Self.predicates(shared) {
        for keys in keyLists(columns, besides: Set(predicate.columns)) {
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
    case .value:
      guard let distinct = column.distinctValues, distinct > 0 else { return false }
      return distinct <= limits.partialValues
    }
  }

  /// All of them together, and each alone.
  private static func predicates(_ constants: [TableUse.Constant]) -> [IndexDefinition.Predicate] {
    guard !constants.isEmpty else { return [] }
    let sorted = constants.sorted { $0.text < $1.text }
    let whole = IndexDefinition.Predicate(
      text: sorted.map(\.text).joined(separator: " AND "), columns: sorted.map(\.column))
    let singles = sorted.map { IndexDefinition.Predicate(text: $0.text, columns: [$0.column]) }
    return sorted.count == 1 ? singles : [whole] + singles.prefix(2)
  }

  private func keyLists(_ columns: UseColumns, besides fixed: Set<String>) -> [[IndexDefinition.Key]] {
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
    if lists.isEmpty {
      let read = columns.use.referenced.subtracting(fixed).sorted().filter { name in
        columns.relation.column(name).map {
          $0.isSortable && ($0.averageWidth ?? 100) <= 16 && $0.typeName != "jsonb" && !$0.typeName.hasSuffix("[]")
        } ?? false
      }
      let primary = columns.relation.indexes.first(where: \.isPrimary)?.keys.first?.column
      let own = read.first { $0 == primary } ?? read.first ?? fixed.sorted().first
      if let own { lists.append(keys([own])) }
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
