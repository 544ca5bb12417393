// The candidates of all statements together, without those that could not help or already exist.

package import Database

/// What is left of all proposals. Does not depend on the order of the statements.
package struct CandidatePool: Sendable {
  /// By schema, table and keys. At most `Limits.candidates`: those that most statements ask for, narrow before wide.
  package let candidates: [IndexDefinition]
  /// Those of methods that HypoPG cannot price, likewise.
  package let unpriced: [IndexDefinition]

  package init(for shapes: [QueryShape], in catalog: Catalog, maximumColumns: Int = 3, limits: Limits = Limits()) {
    let source = Source(for: shapes, in: catalog, maximumColumns, limits)
    self.init(shapes.map(source.proposals), source.screen, limits)
  }

  /// The same on all cores.
  static func made(
    for shapes: [QueryShape], in catalog: Catalog, maximumColumns: Int, limits: Limits = Limits()
  ) async -> CandidatePool {
    let source = Source(for: shapes, in: catalog, maximumColumns, limits)
    return CandidatePool(await onAllCores(shapes, source.proposals), source.screen, limits)
  }

  /// What makes proposals, of one statement after the other.
  private struct Source: Sendable {
    let generators: [any CandidateGenerator]
    let screen: CandidateScreen

    init(for shapes: [QueryShape], in catalog: Catalog, _ maximumColumns: Int, _ limits: Limits) {
      generators = allGenerators(maximumColumns: maximumColumns)
      screen = CandidateScreen(catalog: catalog, used: Set(shapes.flatMap { $0.uses.map(\.table) }), limits: limits)
    }

    @Sendable func proposals(for shape: QueryShape) -> Set<IndexDefinition> {
      var own: Set<IndexDefinition> = []
      let shape = screen.withoutSingleRows(shape)
      for generator in generators {
        for proposed in generator.candidates(for: shape, in: screen.catalog) {
          if let kept = screen.kept(proposed) { own.insert(kept) }
        }
      }
      return own
    }
  }

  private init(_ proposals: [Set<IndexDefinition>], _ screen: CandidateScreen, _ limits: Limits) {
    var support: [IndexDefinition: Int] = [:]
    for own in proposals {
      for candidate in own { support[candidate, default: 0] += 1 }
    }
    var entries = support.map { Entry($0.key, asking: $0.value) }
    entries += Self.merged(entries, support, limits).filter { screen.kept($0.index) == $0.index }
    entries.sort { left, right in
      if left.asking != right.asking { return left.asking > right.asking }
      let (narrow, wide) = (left.index.keys.count, right.index.keys.count)
      return narrow != wide ? narrow < wide : left.words < right.words
    }
    func best(_ isWanted: (Entry) -> Bool) -> [IndexDefinition] {
      entries.filter(isWanted).prefix(limits.candidates).sorted { $0.words < $1.words }.map(\.index)
    }
    candidates = best { $0.index.method.isPriced }
    unpriced = best { !$0.index.method.isPriced }
  }

  private struct Entry {
    let index: IndexDefinition
    /// Statements that ask for it.
    let asking: Int
    /// By which it is put in order; made once, as there are thousands to compare.
    let words: String

    init(_ index: IndexDefinition, asking: Int) {
      self.index = index
      self.asking = asking
      words = index.sortKey
    }
  }

  /// Two statements that search alike and read different columns are served by one index that includes both: of those
  /// asked for most, with how many ask for it.
  private static func merged(
    _ entries: [Entry], _ support: [IndexDefinition: Int], _ limits: Limits
  ) -> [Entry] {
    var families: [IndexDefinition: [Entry]] = [:]
    for entry in entries where entry.index.method == .btree && !entry.index.included.isEmpty {
      var bare = entry.index
      bare.included = []
      families[bare, default: []].append(entry)
    }
    var asking: [IndexDefinition: Int] = [:]
    for family in families.values where family.count > 1 {
      let members = family.sorted { $0.words < $1.words }
      for (place, one) in members.enumerated() {
        for other in members[(place + 1)...] {
          var both = one.index
          both.included = Set(one.index.included + other.index.included).sorted()
          guard both.keys.count + both.included.count <= limits.coveredColumns, support[both] == nil else { continue }
          asking[both] = max(asking[both] ?? 0, one.asking + other.asking)
        }
      }
    }
    let ranked = asking.map { Entry($0.key, asking: $0.value) }
      .sorted { $0.asking != $1.asking ? $0.asking > $1.asking : $0.words < $1.words }
    return Array(ranked.prefix(limits.mergedCandidates))
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

  /// What is said of an index that begins like a proposed one, and that nothing can use.
  static func invalidTwins(of proposal: IndexDefinition, on relation: Relation?) -> [String] {
    (relation?.indexes ?? []).filter { index in
      !index.isValid && index.method == proposal.method.rawValue && index.predicate == nil
        && CandidateScreen.delivers(proposal.keys.map(StoredKey.init), index.keys.map(StoredKey.init))
    }.map { index in
      let name = "\(quotedIdentifier(proposal.schema)).\(quotedIdentifier(index.name))"
      let isSame = index.keys.count == proposal.keys.count && proposal.included.isEmpty && proposal.predicate == nil
      return "\(name) is invalid, as an interrupted CREATE INDEX CONCURRENTLY leaves it, and serves nothing: "
        + (isSame ? "REINDEX INDEX CONCURRENTLY \(name) does instead of a new one, or drop it" : "drop it")
    }
  }

  private static func isCovered(_ index: Index, by proposal: IndexDefinition) -> Bool {
    guard index.method == "btree", index.isValid, !index.isUnique, !index.isRequired, index.predicate == nil,
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
