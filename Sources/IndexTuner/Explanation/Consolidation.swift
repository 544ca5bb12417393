// Several existing indexes whose work one could do: what that would look like, and what may never go.

import Database

/// Indexes that begin alike, and the one that could take their place.
package struct Consolidation: Sendable, Equatable {
  /// An index that could go.
  package struct Replaced: Sendable, Equatable {
    /// Qualified and quoted.
    package var name: String
    package var bytes: Int64
    package var scans: Int64?
  }

  /// Qualified and quoted.
  package var table: String
  package var replaced: [Replaced]
  /// The columns of the new index, or the name of one that is there.
  package var replacement: String
  /// What builds it; none where it is there.
  package var statements: [String]
  /// Of the new index.
  package var bytes: Int64 = 0
  /// Statements that were planned without the others.
  package var priced = 0
  /// By what the dearest of them grows, as a factor.
  package var worst = 1.0
  /// Why it is not certain; none: the planner has been asked about everything.
  package var doubts: [String] = []
}

/// One way to do with fewer indexes, still to be tried.
struct ConsolidationTrial: Sendable {
  let relation: Relation
  let replaced: [Index]
  /// nil: `kept` is there.
  let new: IndexDefinition?
  let kept: Index?
  let keys: [String]

  /// Key columns that an index has in common with the replacement's first ones.
  func matched(_ index: Index) -> [String] {
    zip(index.keys, keys).prefix { $0.column == $1 }.map(\.1)
  }
}

/// Which sets of a table's indexes are worth a trial. Pure.
struct ConsolidationChoice {
  let relation: Relation
  /// The columns of each foreign key of the table: searching by them has to stay possible.
  let foreignKeys: [[String]]
  let limits: Limits

  /// Such that need no new index first; then those that merge all that begin alike, in each order.
  var trials: [[ConsolidationTrial]] {
    guard relation.kind == .table, relation.parent == nil, !relation.isSystem else { return [] }
    let plain = relation.indexes.filter(Self.isPlain)
    let open = plain.filter { index in
      !index.isUnique && !index.isRequired
        // What is the beginning of another one is told as such.
        && !plain.contains { $0.id != index.id && Self.begins($0, like: index) }
    }
    var groups: [[ConsolidationTrial]] = []
    for first in Set(open.compactMap { $0.keys.first?.column }).sorted() {
      let members = open.filter { $0.keys.first?.column == first }.sorted { ($0.bytes, $1.name) > ($1.bytes, $0.name) }
      var kept: [ConsolidationTrial] = []
      for index in plain where index.keys.first?.column == first {
        let left = members.filter { member in
          !kept.contains { $0.kept?.id == member.id || $0.replaced.contains { $0.id == member.id } }
        }
        let isGone = kept.contains { $0.replaced.contains { $0.id == index.id } }
        if !isGone, let trial = served(by: index, among: left) { kept.append(trial) }
      }
      groups += kept.map { [$0] }
      let rest = members.filter { member in !kept.contains { $0.replaced.contains { $0.id == member.id } } }
      let merged = rest.count > 1 ? orders(of: Array(rest.prefix(limits.consolidatedIndexes))) : []
      if !merged.isEmpty { groups.append(merged) }
    }
    return groups
  }

  /// A btree on columns alone, in the usual direction, of the whole table.
  private static func isPlain(_ index: Index) -> Bool {
    index.method == "btree" && index.isValid && index.predicate == nil
      && index.keys.allSatisfy { $0.column != nil && $0.isDefault && !$0.isDescending && !$0.nullsFirst }
  }

  private static func begins(_ longer: Index, like index: Index) -> Bool {
    longer.keys.count > index.keys.count && zip(longer.keys, index.keys).allSatisfy { $0.column == $1.column }
      && index.included.isEmpty
  }

  private static func columns(_ index: Index) -> Set<String> { Set(index.keys.compactMap(\.column) + index.included) }

  private func served(by index: Index, among members: [Index]) -> ConsolidationTrial? {
    let keys = index.keys.compactMap(\.column)
    let others = members.filter {
      $0.id != index.id && Self.columns($0).isSubset(of: Self.columns(index)) && keepsForeignKeys(without: $0, by: keys)
        // Of two on the same columns one is enough.
        && (Self.columns($0) != Self.columns(index) || index.isRequired || index.isUnique || index.name < $0.name)
    }
    guard !others.isEmpty else { return nil }
    return ConsolidationTrial(relation: relation, replaced: others, new: nil, kept: index, keys: keys)
  }

  /// Each of them once in front, the columns that are missing behind.
  private func orders(of members: [Index]) -> [ConsolidationTrial] {
    var trials: [ConsolidationTrial] = []
    for base in members {
      var keys = base.keys.compactMap(\.column)
      for other in members where other.id != base.id {
        keys += other.keys.compactMap(\.column).filter { !keys.contains($0) }
      }
      let included = members.flatMap(\.included).reduce(into: [String]()) { list, column in
        if !keys.contains(column), !list.contains(column) { list.append(column) }
      }
      guard keys.count <= limits.consolidatedColumns, keys.count + included.count <= limits.coveredColumns,
        members.allSatisfy({ keepsForeignKeys(without: $0, by: keys) }), !trials.contains(where: { $0.keys == keys })
      else { continue }
      let new = IndexDefinition(on: relation, keys: keys.map { .init($0) }, included: included)
      trials.append(ConsolidationTrial(relation: relation, replaced: members, new: new, kept: nil, keys: keys))
    }
    return trials
  }

  /// A foreign key that the index served is served by these keys as well.
  private func keepsForeignKeys(without index: Index, by keys: [String]) -> Bool {
    let own = index.keys.compactMap(\.column)
    return foreignKeys.allSatisfy { columns in
      Set(own.prefix(columns.count)) != Set(columns) || Set(keys.prefix(columns.count)) == Set(columns)
    }
  }
}
