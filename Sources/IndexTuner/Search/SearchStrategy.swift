// A family: each member chooses a configuration of indexes for a workload.

package import Database

/// What a search is asked to solve; positions are those of `candidates` and of the workload's queries.
package struct SearchProblem: Sendable {
  package var candidates: [IndexDefinition]
  /// Bytes of each candidate.
  package var sizes: [Int64]
  /// What keeping each candidate up to date costs, in units of load; 0 where unknown.
  package var writeLoads: [Double]
  /// What each statement weighs today: milliseconds, or planner cost units where no time is known.
  package var loads: [Double]
  /// Planner cost of each statement with the real indexes only.
  package var baseCosts: [Double]
  /// The candidates that could matter to each statement.
  package var relevant: [IndexSet]
  /// Of these, the ones of which the statement names every column: what is looked at first. The others serve it no better
  /// than one of these, and may be there for another statement.
  package var close: [IndexSet]
  /// Bytes of each table with its real indexes, by table.
  package var tableBytes: [RelationID: Int64]
  /// Candidates of which a statement searches or sorts by every key.
  package var conditioned = IndexSet()
  /// By candidate, those with the same keys of which one that tells more rows apart leads.
  package var betterLed: [Int: [Int]] = [:]

  package init(
    candidates: [IndexDefinition], sizes: [Int64], writeLoads: [Double], loads: [Double], baseCosts: [Double],
    relevant: [IndexSet], close: [IndexSet]? = nil, tableBytes: [RelationID: Int64]
  ) {
    self.candidates = candidates
    self.sizes = sizes
    self.writeLoads = writeLoads
    self.loads = loads
    self.baseCosts = baseCosts
    self.relevant = relevant
    self.close = close ?? relevant
    self.tableBytes = tableBytes
  }
}

/// When an index is worth having.
package struct SearchSettings: Sendable, Equatable {
  /// Bytes that all recommended indexes together may take; nil is no bound.
  package var storageBudget: Int64?
  /// How much time improvement one unit of space must buy, both on the log scale: with 2, an index that makes its
  /// table 10 times larger must make its statements 100 times cheaper.
  package var exchangeRate = 2.0
  /// An index must make the statements it helps cheaper by at least this fraction of their load.
  package var minimumImprovement = 0.10
  /// … and the whole workload by at least this fraction, or it is not worth a line of the report.
  package var minimumShare = 0.001
  package var maximumIndexes = 100
  /// Further budgets to answer for from the same plans.
  package var otherBudgets: [Int64] = []

  package init() {}

  /// What holds unless said otherwise. Who names a budget has said what space is worth: within it space is free, and
  /// what saves little is taken as well.
  package init(storageBudget: Int64?) {
    self.storageBudget = storageBudget
    guard storageBudget != nil else { return }
    exchangeRate = 0
    minimumImprovement = 0.01
  }
}

/// What a search found.
package struct SearchOutcome: Sendable, Equatable {
  package enum Ending: String, Sendable {
    /// No further index met the thresholds.
    case complete
    case timeLimit = "time-limit"
    case interrupted
    /// The largest number of indexes was reached.
    case indexLimit = "index-limit"
  }

  /// In the order chosen.
  package var chosen: [Int]
  package var ending: Ending
  /// (bytes, load) of every configuration on the way, the empty one first.
  package var path: [FrontPoint]
  /// One for each of `SearchSettings.otherBudgets`, in that order, from a strategy that can.
  package var others: [BudgetAnswer]
  /// What no choice among the plans that were known weighs less than, relative to the load without new indexes; nil from a
  /// strategy that does not know, and where the search was told to stop.
  package var lowerBound: Double?
  /// How the answers got better, from a strategy that keeps account of it.
  package var convergence: [ConvergencePoint]

  package init(
    chosen: [Int] = [], ending: Ending = .complete, path: [FrontPoint] = [], others: [BudgetAnswer] = [],
    lowerBound: Double? = nil, convergence: [ConvergencePoint] = []
  ) {
    self.chosen = chosen
    self.ending = ending
    self.path = path
    self.others = others
    self.lowerBound = lowerBound
    self.convergence = convergence
  }
}

/// What to build within another budget.
package struct BudgetAnswer: Sendable, Equatable {
  package var budget: Int64
  package var chosen: [Int]
  package var bytes: Int64
  /// Relative to the load without new indexes, by the planner's own prices of this configuration.
  package var relativeLoad: Double

  package init(budget: Int64, chosen: [Int], bytes: Int64, relativeLoad: Double) {
    self.budget = budget
    self.chosen = chosen
    self.bytes = bytes
    self.relativeLoad = relativeLoad
  }
}

/// A configuration seen as its size and what the workload costs with it.
package struct FrontPoint: Sendable, Equatable {
  package var bytes: Int64
  /// Relative to the load without hypothetical indexes, 1 at the start.
  package var relativeLoad: Double
  package var indexCount: Int

  package init(bytes: Int64, relativeLoad: Double, indexCount: Int) {
    self.bytes = bytes
    self.relativeLoad = relativeLoad
    self.indexCount = indexCount
  }
}

/// Chooses indexes within a budget, asking prices through one door.
package protocol SearchStrategy: Sendable {
  var id: String { get }
  /// One sentence, and the paper it follows.
  var summary: String { get }
  /// Never exceeds the budget, never returns a configuration dearer than the empty one. When patience
  /// is over it ends with the best it can derive from prices already known.
  func choose<Model: CostModel>(
    for problem: SearchProblem, within settings: SearchSettings, pricedBy prices: RememberedPrices<Model>,
    until patience: Patience, reporting progress: @Sendable (SearchProgress) -> Void
  ) async throws(TuningError) -> SearchOutcome
}

/// For the progress line.
package struct SearchProgress: Sendable {
  package var chosen: Int
  package var relativeLoad: Double
  package var planningCalls: Int

  package init(chosen: Int, relativeLoad: Double, planningCalls: Int) {
    self.chosen = chosen
    self.relativeLoad = relativeLoad
    self.planningCalls = planningCalls
  }
}
