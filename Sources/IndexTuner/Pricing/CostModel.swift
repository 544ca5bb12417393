// The one door through which a search asks what a statement would cost.

/// Positions in the list of candidates, sorted and without repeats: a configuration of hypothetical indexes.
package struct IndexSet: Sendable, Hashable {
  package let members: [Int]
  /// One bit for every 64th candidate: most sets that are no subsets of each other differ here.
  private let signature: UInt64

  package init() { self.init(sorted: []) }

  package init(_ members: some Sequence<Int>) { self.init(sorted: Array(Set(members)).sorted()) }

  private init(sorted members: [Int]) {
    self.members = members
    signature = members.reduce(0) { $0 | 1 << UInt64($1 & 63) }
  }

  package var isEmpty: Bool { members.isEmpty }
  package var count: Int { members.count }

  package func contains(_ member: Int) -> Bool {
    var low = 0
    var high = members.count
    while low < high {
      let middle = (low + high) / 2
      if members[middle] < member { low = middle + 1 } else { high = middle }
    }
    return low < members.count && members[low] == member
  }

  package func adding(_ member: Int) -> IndexSet {
    guard !contains(member) else { return self }
    return IndexSet(sorted: (members + [member]).sorted())
  }

  package func removing(_ member: Int) -> IndexSet { IndexSet(sorted: members.filter { $0 != member }) }

  package func union(_ other: IndexSet) -> IndexSet { IndexSet(members + other.members) }

  package func filter(_ isIncluded: (Int) -> Bool) -> IndexSet { IndexSet(sorted: members.filter(isIncluded)) }

  package func isSubset(of other: IndexSet) -> Bool {
    guard members.count <= other.members.count, signature & ~other.signature == 0 else { return false }
    var position = 0
    for member in members {
      while position < other.members.count && other.members[position] < member { position += 1 }
      if position == other.members.count || other.members[position] != member { return false }
    }
    return true
  }
}

/// "What would this statement cost if just these candidates existed beside the real indexes?"
package struct PriceRequest: Sendable, Hashable {
  package var query: Int
  package var indexes: IndexSet

  package init(query: Int, indexes: IndexSet) {
    self.query = query
    self.indexes = indexes
  }
}

/// The planner's answer, averaged over the statement's variants.
package struct Price: Sendable, Equatable {
  /// Planner cost units (a sequential page read is 1).
  package var cost: Double
  /// Candidates that at least one variant's plan uses.
  package var used: IndexSet
  /// Cost for each variant, in order; for the spread.
  package var variantCosts: [Double]

  package init(cost: Double, used: IndexSet, variantCosts: [Double]) {
    self.cost = cost
    self.used = used
    self.variantCosts = variantCosts
  }
}

/// A seam: HypoPG and the real planner, or a price table in tests.
package protocol CostModel: Sendable {
  /// One answer for each request, in order; nil where the planner gave none (a timeout, an error).
  /// Stops early, with nil for the rest, when patience is over.
  func prices(_ requests: [PriceRequest], until patience: Patience) async throws(TuningError)
    -> [Price?]
  /// Bytes of each candidate as HypoPG estimates them; nil where it cannot be created, with the reason.
  func sizes() async throws(TuningError) -> [Result<Int64, CandidateRefusal>]
}

/// HypoPG's own words for why a candidate cannot be.
package struct CandidateRefusal: Error, Sendable, Equatable {
  package var reason: String
  package init(reason: String) { self.reason = reason }
}
