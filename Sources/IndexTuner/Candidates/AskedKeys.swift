// What the statements do with the keys of each candidate: which are asked for, and which lead for no good reason.

import Database

/// Of all candidates together; pure.
struct AskedKeys: Sendable {
  /// Every key is one that some use of the table searches or sorts by.
  private(set) var conditioned = IndexSet()
  /// Candidates with the same keys in another order: a key that tells more rows apart before one of a few values.
  private(set) var betterLed: [Int: [Int]] = [:]

  init(of candidates: [IndexDefinition], by workload: Workload) {
    var asked: [RelationID: Set<Set<String>>] = [:]
    var uses: [RelationID: [UseColumns]] = [:]
    for use in workload.queries.flatMap(\.shape.uses) {
      guard let columns = UseColumns(use, in: workload.catalog) else { continue }
      var table: RelationID? = use.table
      while let id = table {
        asked[id, default: []].insert(Self.asked(columns))
        if columns.equalities.contains(where: { Self.tellsFew($0, columns.relation) }) {
          uses[id, default: []].append(columns)
        }
        table = workload.catalog[id]?.parent
      }
    }
    var places: [IndexDefinition: Int] = [:]
    for (place, candidate) in candidates.enumerated() { places[candidate] = place }
    conditioned = IndexSet(
      candidates.indices.filter { place in
        let candidate = candidates[place]
        guard candidate.method == .btree, candidate.included.isEmpty, candidate.keys.allSatisfy(\.isPlain) else {
          return false
        }
        return asked[candidate.table]?.contains { candidate.columns.isSubset(of: $0) } == true
      })
    for place in conditioned.members {
      let candidate = candidates[place]
      let first = candidate.keys[0]
      for lead in candidate.keys.dropFirst()
      where uses[candidate.table]?.contains(where: { $0.isPoorLead(first.column, beforeAny: lead.column) }) == true {
        var other = candidate
        other.keys = CandidateScreen.canonical([lead] + candidate.keys.filter { $0 != lead })
        if let better = places[other] { betterLed[place, default: []].append(better) }
      }
    }
  }

  private static func tellsFew(_ name: String, _ relation: Relation) -> Bool {
    (0.5...10).contains(UseColumns.distinct(name, in: relation))
  }

  private static func asked(_ columns: UseColumns) -> Set<String> {
    let limited = columns.orderings.filter(\.isLimited).flatMap(\.keys).filter(\.isPlain).map(\.column)
    let arms = columns.use.arms.flatMap { $0.equalities + $0.ranges }
    return Set(columns.equalities + columns.ranges + columns.joins + limited + arms)
  }
}
