// What came of building the recommended indexes on a copy and running the statements with and without them.

package import IndexTuner

/// Estimated beside measured. Times are the server's own, and differ from run to run.
package struct Verification: Sendable {
  /// One recommended index on the copy.
  package struct BuiltIndex: Sendable {
    /// Position in `Tuning.recommendations`.
    package var recommendation: Int
    package var bytes: Int64
    package var milliseconds: Double
    /// Why it was not built.
    package var failure: String?

    package init(recommendation: Int, bytes: Int64 = 0, milliseconds: Double = 0, failure: String? = nil) {
      self.recommendation = recommendation
      self.bytes = bytes
      self.milliseconds = milliseconds
      self.failure = failure
    }
  }

  /// How long a statement took.
  package enum Time: Sendable, Equatable {
    /// The median of some runs.
    case milliseconds(Double)
    /// Given up after so long.
    case longerThan(Double)

    /// Where it was given up, what is known: it is longer than this.
    package var atLeast: Double {
      switch self {
      case .milliseconds(let time), .longerThan(let time): time
      }
    }
  }

  /// Whether the rows were the same with and without.
  package enum Rows: Sendable, Equatable {
    case equal(Int)
    case differ(without: Int, with: Int)
    /// As many, but others, and others each time without any index as well.
    case unsteady(Int)
    case notCompared(String)
  }

  package struct Measured: Sendable {
    /// Position in `Tuning.outcomes`.
    package var outcome: Int
    package var without: Time
    package var with: Time
    package var rows: Rows

    package init(outcome: Int, without: Time, with: Time, rows: Rows) {
      self.outcome = outcome
      self.without = without
      self.with = with
      self.rows = rows
    }
  }

  package struct Skipped: Sendable {
    package var outcome: Int
    package var reason: String

    package init(outcome: Int, reason: String) {
      self.outcome = outcome
      self.reason = reason
    }
  }

  package var database: String
  /// Of each statement with and without, beside the first of each kind, which only warms up.
  package var runs: Int
  package var indexes: [BuiltIndex] = []
  package var measured: [Measured] = []
  package var skipped: [Skipped] = []
  /// What went wrong on the way; empty when all is as it was before.
  package var remarks: [String] = []

  package init(database: String, runs: Int) {
    self.database = database
    self.runs = runs
  }
}

// MARK: - Judging

extension Verification {
  /// What of a statement's promise came true.
  package enum Finding: String, Sendable {
    /// About as the planner said, or better.
    case kept
    /// Faster, but by less than the square root of the promised factor.
    case less = "less than promised"
    case none = "no faster although promised"
    case slower = "slower although promised faster"
    case otherRows = "other rows"
  }

  /// Differences below are noise.
  private static let leastMilliseconds = 0.5
  private static let tolerance = 1.1

  package func finding(on one: Measured, in tuning: Tuning) -> Finding {
    if case .differ = one.rows { return .otherRows }
    let promised = Self.promised(one, in: tuning)
    let (before, after) = (one.without.atLeast, one.with.atLeast)
    if after > before * Self.tolerance, after - before > Self.leastMilliseconds, promised > 1.01 { return .slower }
    let factor = before / max(after, 0.001)
    // What was given up is longer than is known.
    if case .longerThan = one.without { return .kept }
    guard promised >= 1.5, before > Self.leastMilliseconds else { return .kept }
    if factor < Self.tolerance { return .none }
    return factor * factor < promised ? .less : .kept
  }

  /// How much cheaper by the planner's costs.
  package static func promised(_ one: Measured, in tuning: Tuning) -> Double {
    let outcome = tuning.outcomes[one.outcome]
    return outcome.costBefore / max(outcome.costAfter, 0.01)
  }

  /// Of all pairs of statements, how many the costs rank otherwise than the clock does, by their gain; ties aside.
  package func rankDisagreement(in tuning: Tuning) -> (pairs: Int, otherwise: Int) {
    let gains = measured.map {
      (promised: Self.promised($0, in: tuning), measured: $0.without.atLeast / max($0.with.atLeast, 0.001))
    }
    var (pairs, otherwise) = (0, 0)
    for (position, one) in gains.enumerated() {
      for other in gains[(position + 1)...] {
        let (promised, seen) = (one.promised / other.promised, one.measured / other.measured)
        guard max(promised, 1 / promised) > 1.1, max(seen, 1 / seen) > 1.1 else { continue }
        pairs += 1
        if (promised > 1) != (seen > 1) { otherwise += 1 }
      }
    }
    return (pairs, otherwise)
  }

  /// Costs and milliseconds of all measured statements that use a recommended index, before and after; nil where none
  /// does.
  package func sums(
    of recommendation: Int, in tuning: Tuning
  ) -> (statements: Int, costBefore: Double, costAfter: Double, before: Double, after: Double)? {
    let mine = measured.filter {
      let outcome = tuning.outcomes[$0.outcome]
      return outcome.uses.contains(recommendation) || outcome.mayUse.contains(recommendation)
    }
    guard !mine.isEmpty else { return nil }
    return mine.reduce((mine.count, 0, 0, 0, 0)) { sum, one in
      let outcome = tuning.outcomes[one.outcome]
      return (
        sum.0, sum.1 + outcome.costBefore, sum.2 + outcome.costAfter, sum.3 + one.without.atLeast,
        sum.4 + one.with.atLeast
      )
    }
  }

  /// Whether anything promised did not come true.
  package func isDoubtful(in tuning: Tuning) -> Bool {
    measured.contains { finding(on: $0, in: tuning) != .kept } || indexes.contains { $0.failure != nil }
  }
}
