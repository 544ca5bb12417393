// Which proposals are kept, and in which form.

import Database

/// The rules that need no price.
struct CandidateScreen: Sendable {
  let catalog: Catalog
  /// Tables that the statements name.
  let used: Set<RelationID>
  let limits: Limits

  /// The proposal in its canonical form, or nil.
  func kept(_ proposed: IndexDefinition) -> IndexDefinition? {
    guard let relation = catalog[placed(proposed.table)], isOpenToIndexes(relation) else { return nil }
    guard proposed.method == .btree || proposed.method == .brin else {
      return proposed.columns.allSatisfy({ relation.column($0) != nil })
        ? IndexDefinition(on: relation, method: proposed.method, keys: proposed.keys) : nil
    }
    var keys = Self.canonical(proposed.keys)
    guard isStorable(keys, on: relation) else { return nil }
    if proposed.method == .btree { keys = Array(keys.prefix(usefulLength(of: keys, on: relation))) }
    let named = Set(keys.filter { $0.expression == nil }.map(\.column))
    let included = proposed.included.filter { !named.contains($0) && relation.column($0) != nil }
    guard included.reduce(0, { $0 + width(of: $1, on: relation) }) <= limits.widestKeyBytes else { return nil }
    let kept = IndexDefinition(
      on: relation, method: proposed.method, keys: keys, included: included, predicate: proposed.predicate)
    return exists(kept, on: relation) ? nil : kept
  }

  private func isStorable(_ keys: [IndexDefinition.Key], on relation: Relation) -> Bool {
    keys.allSatisfy { key in
      guard let column = relation.column(key.column) else { return false }
      return key.expression != nil || column.isSortable
    }
      && keys.reduce(0, { $0 + ($1.expression == nil ? width(of: $1.column, on: relation) : 0) })
        <= limits.widestKeyBytes
  }

  private func width(of column: String, on relation: Relation) -> Int { relation.column(column)?.averageWidth ?? 0 }

  /// The shape with nothing asked of table instances that a unique index narrows to one row: no other can do better.
  func withoutSingleRows(_ shape: QueryShape) -> QueryShape {
    var left = shape
    left.uses = shape.uses.map { isSingleRow($0) ? TableUse(table: $0.table) : $0 }
    return left
  }

  private func isSingleRow(_ use: TableUse) -> Bool {
    guard let relation = catalog[use.table] else { return false }
    return relation.indexes.contains { index in
      index.isUnique && index.isValid && index.predicate == nil
        && index.keys.allSatisfy { key in
          // IS NULL counts as an equality, and a unique index may hold many NULLs.
          guard key.isDefault, let column = key.column.flatMap(relation.column), column.isNotNull else { return false }
          return use.equalities.contains(column.name)
        }
    }
  }

  private func isOpenToIndexes(_ relation: Relation) -> Bool {
    guard !relation.isSystem, relation.heapPages >= limits.smallestTablePages else { return false }
    switch relation.kind {
    case .table, .partitionedTable, .materializedView: return true
    case .view, .foreignTable, .other: return false
    }
  }

  /// A partition's index belongs on the partitioned table where statements use that as well.
  private func placed(_ table: RelationID) -> RelationID {
    var best = table
    var place = table
    var climbed = 0
    while let parent = catalog[place]?.parent, climbed < limits.viewDepth {
      if used.contains(parent) { best = parent }
      place = parent
      climbed += 1
    }
    return best
  }

  /// Ascending first: an index that is descending in its first key is the same one read backwards.
  static func canonical(_ keys: [IndexDefinition.Key]) -> [IndexDefinition.Key] {
    keys.first?.isDescending == true ? keys.map(\.reversed) : keys
  }

  /// Once the keys name all columns of a unique index, each further key tells apart what is only one row.
  private func usefulLength(of keys: [IndexDefinition.Key], on relation: Relation) -> Int {
    var length = keys.count
    for index in relation.indexes where index.isUnique && index.isValid && index.predicate == nil {
      let columns = index.keys.compactMap { $0.isDefault ? $0.column : nil }
      guard columns.count == index.keys.count, columns.count < length else { continue }
      let leading = keys.prefix(columns.count)
      if leading.allSatisfy(\.isPlain), Set(leading.map(\.column)) == Set(columns) { length = columns.count }
    }
    return length
  }

  /// Also when every partition has such an index without the partitioned table having one. An index of all rows does not
  /// stand for one of a few: of `WHERE sent_at IS NULL ORDER BY id` the primary key finds the unsent ones last.
  private func exists(_ proposed: IndexDefinition, on relation: Relation) -> Bool {
    guard proposed.predicate == nil else { return false }
    if relation.indexes.contains(where: { Self.serves($0, proposed) }) { return true }
    let leaves = relation.leaves.compactMap { catalog[$0] }
    return !leaves.isEmpty && leaves.count == relation.leaves.count
      && leaves.allSatisfy { $0.indexes.contains { Self.serves($0, proposed) } }
  }

  private static func serves(_ index: Index, _ proposed: IndexDefinition) -> Bool {
    guard index.method == proposed.method.rawValue, index.isValid, index.predicate == nil,
      delivers(index.keys.map(StoredKey.init), proposed.keys.map(StoredKey.init))
    else { return false }
    // Also where it covers less: a second index on the same keys, to save visits to the table, is no good advice.
    return true
  }

  /// Whether an index on `keys` delivers everything that one on `wanted` would, read forwards or backwards.
  static func delivers(_ keys: [StoredKey], _ wanted: [StoredKey]) -> Bool {
    guard keys.count >= wanted.count else { return false }
    let pairs = zip(keys, wanted)
    return pairs.allSatisfy { $0.isSame(as: $1, backwards: false) }
      || pairs.allSatisfy { $0.isSame(as: $1, backwards: true) }
  }
}
