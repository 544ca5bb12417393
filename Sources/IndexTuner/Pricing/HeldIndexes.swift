// Which hypothetical indexes a session holds, and the least that has to be done to hold others.

import Database

/// HypoPG's list in one backend. Of paths that cost the same the planner keeps one by the order of that list, so those of
/// a table stand in ascending order, as if they had all been made at once: what a plan sees is the same whatever was
/// asked before. Between tables the order says nothing.
struct HeldIndexes: Sendable, Equatable {
  /// Candidates, in the list's order.
  private(set) var members: [Int] = []
  private(set) var set = IndexSet()

  struct Change: Equatable {
    /// Places in the list, from 1.
    var dropped: [Int] = []
    /// Candidates, to be made in this order.
    var created: [Int] = []
    /// Nothing of what was there stays.
    var isAnew = false
  }

  /// - Parameter tables: of every candidate.
  mutating func hold(_ wanted: IndexSet, tables: [RelationID]) -> Change {
    if wanted == set { return Change() }
    // What has to come behind something new of its table.
    var firstNew: [RelationID: Int] = [:]
    for member in wanted.members where !set.contains(member) && firstNew[tables[member]] == nil {
      firstNew[tables[member]] = member
    }
    var change = Change()
    var kept: [Int] = []
    for (place, member) in members.enumerated() {
      if wanted.contains(member), member < firstNew[tables[member]] ?? .max {
        kept.append(member)
      } else {
        change.dropped.append(place + 1)
      }
    }
    let stays = IndexSet(kept)
    change.created = wanted.members.filter { !stays.contains($0) }
    change.isAnew = kept.isEmpty
    members = kept + change.created
    set = wanted
    return change
  }
}
