// What the tuner found: recommendations, what becomes of each statement, and what was looked at.

package import Database

/// One index worth building.
package struct Recommendation: Sendable {
  package var index: IndexDefinition
  package var name: String
  /// What to run, in order. One `CREATE INDEX CONCURRENTLY`, or the sequence that a partitioned table needs.
  package var statements: [String]
  /// Bytes as built, by `IndexSizeModel`; HypoPG's estimate where that knows too little.
  package var bytes: Int64
  package var buildTime: BuildTime
  /// Share of the workload's load that it saves as the only new index, 0…1.
  package var gainAlone: Double
  /// Share that it saves on top of the recommendations before it.
  package var gainAfterEarlier: Double
  package var helped: [HelpedQuery]
  package var writeCost: WriteCost
  package var confidence: Confidence
  /// What in the statements asks for it: one short phrase a key column.
  package var why: [String]
  /// Existing indexes that it makes superfluous.
  package var makesRedundant: [String]
  package var notes: [String]
  /// HypoPG cannot price its kind: gain and size are estimates of our own, outside of the totals.
  package var isUnproven = false
  package var sizeSource = SizeSource.statistics
}

/// Where the size of an index that does not exist comes from.
package enum SizeSource: String, Sendable {
  /// Our model of a btree, from the statistics of its columns.
  case statistics
  /// The same; how many different keys there are was counted in a sample of the table.
  case sample
  /// HypoPG, which leaves out deduplication: partial indexes, most expressions, BRIN.
  case hypopg
  /// A rule of thumb, where HypoPG has no model, and of expressions whose width is known.
  case guess
}

/// How a statement fares when one index is added to the recommendations before it.
package struct HelpedQuery: Sendable, Equatable {
  package var query: Int
  package var costBefore: Double
  package var costAfter: Double
}

/// How long a build takes, as a class: the estimate is no better than that.
package enum BuildTime: String, Sendable {
  case seconds
  case underAMinute = "under a minute"
  case minutes
  case hours

  /// Two passes over the heap at 200 MB/s and a sort of about 0.4 µs a row and doubling.
  package init(heapBytes: Int64, rows: Double) {
    let seconds = Double(heapBytes) / 100e6 + rows * 0.4e-6
    self =
      switch seconds {
      case ..<10: .seconds
      case ..<60: .underAMinute
      case ..<3_600: .minutes
      default: .hours
      }
  }
}

/// How sure we are, and what speaks against it.
package struct Confidence: Sendable, Equatable {
  package enum Level: String, Sendable { case high, medium, low }
  package var level: Level
  package var reasons: [String]
}

/// What becomes of one statement.
package struct QueryOutcome: Sendable {
  package var query: Query
  package var load: Double
  package var costBefore: Double
  package var costAfter: Double
  /// The recommended indexes that its new plan uses, by position in `Tuning.recommendations`.
  package var uses: [Int]
  /// For the first variant; nil where nothing changed or the planner gave none.
  package var planBefore: Plan?
  package var planAfter: Plan?
  /// Unproven recommendations that may serve it, likewise by position.
  package var mayUse: [Int] = []
  /// The cheapest of its plans that were asked for, where that is not the one it gets.
  package var declined: DeclinedPlan?
  /// Why there is no new index for it, in words; empty where there is one.
  package var reasons: [String] = []
}

/// A plan that would have been cheaper, and the indexes it takes.
package struct DeclinedPlan: Sendable {
  package var cost: Double
  package var indexes: [IndexDefinition]
  package var bytes: Int64
}

/// The unit of `load`.
package enum LoadUnit: String, Sendable {
  case milliseconds
  /// Weight × planner cost, where no execution time is known.
  case cost
}

/// The result of one tuning run.
package struct Tuning: Sendable {
  package var recommendations: [Recommendation]
  /// Heaviest first.
  package var outcomes: [QueryOutcome]
  package var skipped: [SkippedStatement]
  /// Existing indexes that the recommendations make superfluous.
  package var redundant: [RedundantIndex]
  package var loadUnit: LoadUnit
  package var loadBefore: Double
  package var loadAfter: Double
  /// Σ weight (or calls) × planner cost.
  package var costBefore: Double
  package var costAfter: Double
  /// Bytes of the recommended indexes together.
  package var bytes: Int64
  package var front: [FrontPoint]
  package var ending: SearchOutcome.Ending
  /// What to build within each of the other budgets that were asked about.
  package var others: [OtherBudget]
  package var strategy: String
  package var candidateCount: Int
  package var refusedCandidates: [RefusedCandidate]
  /// EXPLAINs made.
  package var planningCalls: Int
  /// Prices that followed from plans already known.
  package var rememberedPrices: Int
  /// The existing indexes of all tables that the statements read or write, with their schemas and quoted.
  package var indexesOfTables: Set<String> = []
  /// Existing indexes that fewer could replace.
  package var consolidations: [Consolidation] = []
  /// What no choice among the plans asked for weighs less than, relative to the load before; nil where not known.
  package var lowerBound: Double?
  /// How the answers got better while the search asked; empty from a strategy that keeps no account of it.
  package var convergence: [ConvergencePoint] = []
}

/// What to build within another budget, from the plans of the same search.
package struct OtherBudget: Sendable {
  package var budget: Int64
  package var bytes: Int64
  package var relativeLoad: Double
  package var indexes: [IndexDefinition]
}

/// An existing index that a recommended one serves as well.
package struct RedundantIndex: Sendable, Equatable {
  package var name: String
  package var table: String
  package var bytes: Int64
  /// Position in `Tuning.recommendations`.
  package var coveredBy: Int
}

/// A candidate that HypoPG would not create.
package struct RefusedCandidate: Sendable, Equatable {
  package var definition: String
  package var reason: String
}
