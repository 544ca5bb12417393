// The one door through which a search asks what a statement would cost.

/// Positions in the list of candidates, sorted and without repeats: a configuration of hypothetical indexes.
///
/// Searches compare sets some million times, so each keeps its bits beside its members.
package struct IndexSet: Sendable, Hashable {
  package let members: [Int]
  /// Member n is bit n % 64 of word n / 64; no word at the end is 0.
  private let words: [UInt64]

  package init() { (members, words) = ([], []) }

  package init(_ members: some Sequence<Int>) {
    var words: [UInt64] = []
    for member in members {
      while words.count <= member >> 6 { words.append(0) }
      words[member >> 6] |= 1 << UInt64(member & 63)
    }
    self.init(words: words)
  }

  private init(words: [UInt64]) {
    var words = words
    while words.last == 0 { words.removeLast() }
    var members: [Int] = []
    members.reserveCapacity(words.reduce(0) { $0 + $1.nonzeroBitCount })
    for (place, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        members.append(place << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    (self.members, self.words) = (members, words)
  }

  package var isEmpty: Bool { members.isEmpty }
  package var count: Int { members.count }

  package func contains(_ member: Int) -> Bool {
    member >> 6 < words.count && words[member >> 6] & (1 << UInt64(member & 63)) != 0
  }

  package func adding(_ member: Int) -> IndexSet { union(IndexSet(CollectionOfOne(member))) }

  package func removing(_ member: Int) -> IndexSet {
    guard contains(member) else { return self }
    var rest = words
    rest[member >> 6] &= ~(1 << UInt64(member & 63))
    return IndexSet(words: rest)
  }

  package func union(_ other: IndexSet) -> IndexSet {
    var (long, short) = (words, other.words)
    if long.count < short.count { swap(&long, &short) }
    for place in short.indices { long[place] |= short[place] }
    return IndexSet(words: long)
  }

  package func intersection(_ other: IndexSet) -> IndexSet {
    IndexSet(words: zip(words, other.words).map { $0 & $1 })
  }

  package func filter(_ isIncluded: (Int) -> Bool) -> IndexSet { IndexSet(members.filter(isIncluded)) }

  package func isSubset(of other: IndexSet) -> Bool {
    guard members.count <= other.members.count, words.count <= other.words.count else { return false }
    for place in words.indices where words[place] & ~other.words[place] != 0 { return false }
    return true
  }

  package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) { hasher.combine(words) }
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

/// By statement, in planner cost units: what it costs at least, and which difference does not matter.
package struct PriceTolerance: Sendable {
  package var lowest: [Double]
  package var difference: [Double]

  package init(lowest: [Double], difference: [Double]) {
    self.lowest = lowest
    self.difference = difference
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
  /// EXPLAINs that were answered until now, in the whole run.
  var planningCalls: Int { get }
}

/// HypoPG's own words for why a candidate cannot be.
package struct CandidateRefusal: Error, Sendable, Equatable {
  package var reason: String
  package init(reason: String) { self.reason = reason }
}
