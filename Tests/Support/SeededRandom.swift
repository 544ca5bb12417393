// Random numbers that can be drawn again.

package import Testing

/// SplitMix64 (https://doi.org/10.1145/2660193.2660195). The seed is `PGADVISOR_SEED`, or else a new one each time; put
/// the value into the comment of what is expected, so that a failure says how to repeat it.
package struct SeededRandom: RandomNumberGenerator, CustomStringConvertible, Sendable {
  package let seed: UInt64
  private var state: UInt64

  package init(seed: UInt64? = nil) {
    self.seed = seed ?? variable("PGADVISOR_SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    state = self.seed
  }

  package var description: String { "PGADVISOR_SEED=\(seed) repeats this" }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Lends random numbers; an error that leaves `body` is recorded with the seed.
package func withSeededRandom(
  sourceLocation: SourceLocation = #_sourceLocation, isolation: isolated (any Actor)? = #isolation,
  _ body: (inout SeededRandom) async throws -> Void
) async {
  var random = SeededRandom()
  let seed = random.description
  do {
    try await body(&random)
  } catch {
    Issue.record("\(error) (\(seed))", sourceLocation: sourceLocation)
  }
}
