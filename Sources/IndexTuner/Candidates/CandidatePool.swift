// The candidates of all statements together, without those that could not help or already exist.

package import Database

/// What is left of all proposals. Does not depend on the order of the statements.
package struct CandidatePool: Sendable {
  /// By schema, table and keys. At most `Limits.candidates`: those that most statements ask for, narrow before wide.
  package let candidates: [IndexDefinition]
  /// Those of methods that HypoPG cannot price, likewise.
  package let unpriced: [IndexDefinition]

  package init(for shapes: [QueryShape], in catalog: Catalog, maximumColumns: Int = 3, limits: Limits = Limits()) {
    let generators = allGenerators(maximumColumns: maximumColumns)
    let screen = CandidateScreen(
      catalog: catalog, used: Set(shapes.flatMap { $0.uses.map(\.table) }), limits: limits)
    var support: [IndexDefinition: Int] = [:]
    for shape in shapes {
      var own: Set<IndexDefinition> = []
      let shape = screen.withoutSingleRows(shape)
      for generator in generators {
        for proposed in generator.candidates(for: shape, in: catalog) {
          if let kept = screen.kept(proposed) { own.insert(kept) }
        }
      }
      for candidate in own { support[candidate, default: 0] += 1 }
    }
    for (merged, asking) in Self.merged(support, limits) where screen.kept(merged) == merged {
      support[merged] = asking
    }
    let ranked = support.sorted { left, right in
      if left.value != right.value { return left.value > right.value }
      if left.key.keys.count != right.key.keys.count { return left.key.keys.count < right.key.keys.count }
      return left.key < right.key
    }
    let (priced, others) = (ranked.filter { $0.key.method.isPriced }, ranked.filter { !$0.key.method.isPriced })
    candidates = priced.prefix(limits.candidates).map(\.key).sorted()
    unpriced = others.prefix(limits.candidates).map(\.key).sorted()
  }

  /// Two statements that search alike and read different columns are served by one index that includes both: of those
  /// asked for most, with how many ask for it.
  private static func merged(
    _ support: [IndexDefinition: Int], _ limits: Limits
  ) -> [(index: IndexDefinition, asking: Int)] {
    var families: [IndexDefinition: [IndexDefinition]] = [:]
    for index in support.keys.sorted() where index.method == .btree && !index.included.isEmpty {
      var bare = index
      bare.included = []
      families[bare, default: []].append(index)
    }
    var asking: [IndexDefinition: Int] = [:]
    for members in families.values {
      for (place, one) in members.enumerated() {
        for other in members[(place + 1)...] {
          var both = one
          both.included = Set(one.included + other.included).sorted()
          guard both.keys.count + both.included.count <= limits.coveredColumns, support[both] == nil else { continue }
          asking[both] = max(asking[both] ?? 0, (support[one] ?? 0) + (support[other] ?? 0))
        }
      }
    }
    return asking.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      .prefix(limits.mergedCandidates).map { ($0.key, $0.value) }
  }

  /// Existing indexes that serve nothing an index of `proposals` would not serve as well. Those that back a
  /// constraint, are unique, partial or have expression keys are never among them. By table and name.
  package static func existingIndexesMadeRedundant(
    by proposals: [IndexDefinition], in catalog: Catalog
  ) -> [RedundantIndex] {
    var found: [RedundantIndex] = []
    var named: Set<RelationID> = []
    for (position, proposal) in proposals.enumerated() {
      guard let relation = catalog[proposal.table] else { continue }
      for index in relation.indexes where isCovered(index, by: proposal) && named.insert(index.id).inserted {
        found.append(
          RedundantIndex(
            name: index.name, table: proposal.qualifiedTable, bytes: index.bytes, coveredBy: position))
      }
    }
    return found.sorted { ($0.table, $0.name) < ($1.table, $1.name) }
  }

  private static func isCovered(_ index: Index, by proposal: IndexDefinition) -> Bool {
    guard index.method == "btree", !index.isUnique, !index.isRequired, index.predicate == nil,
      proposal.method == .btree, proposal.predicate == nil,
      index.keys.count < proposal.keys.count
        || (index.keys.count == proposal.keys.count && !proposal.included.isEmpty)
    else { return false }
    let columns = Set(proposal.keys.filter(\.isPlain).map(\.column) + proposal.included)
    return Set(index.included).isSubset(of: columns)
      && CandidateScreen.delivers(proposal.keys.map(StoredKey.init), index.keys.map(StoredKey.init))
  }
}

/// An index key for comparing, whether it exists or is proposed. Keys without a plain column equal nothing.
struct StoredKey {
  let column: String?
  let isDescending: Bool
  let nullsFirst: Bool

  init(_ key: IndexDefinition.Key) {
    column = key.isPlain ? key.column : nil
    isDescending = key.isDescending
    nullsFirst = key.nullsFirst
  }

  init(_ key: Index.Key) {
    column = key.isDefault ? key.column : nil
    isDescending = key.isDescending
    nullsFirst = key.nullsFirst
  }

  func isSame(as other: StoredKey, backwards: Bool) -> Bool {
    column != nil && column == other.column && (isDescending != other.isDescending) == backwards
      && (nullsFirst != other.nullsFirst) == backwards
  }
}
