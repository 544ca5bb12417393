// The anytime greedy search: best index first, then the best to add, with an answer ready at any moment.

/// Greedy search in the manner of the Database Tuning Advisor's anytime algorithm
/// (Chaudhuri and Narasayya, "Anytime Algorithm of Database Tuning Advisor for Microsoft SQL Server").
///
/// Items are single candidates and *bundles*, the sets that a statement's plan uses when it may use everything, so that
/// two indexes that only pay off together are seen. Evaluation is lazy (CELF): an item's last score stands as its bound
/// until it comes to the top of the queue.
package struct GreedyAnytime: SearchStrategy {
  package let id = "greedy-anytime"
  package let summary =
    "Adds the index with the best cost-benefit first, then the best to add, after the anytime algorithm of "
    + "Microsoft's Database Tuning Advisor; evaluates lazily and drops what later indexes made superfluous."

  package init() {}

  package func choose<Model: CostModel>(
    for problem: SearchProblem, within settings: SearchSettings, pricedBy prices: RememberedPrices<Model>,
    until patience: Patience, reporting progress: @Sendable (SearchProgress) -> Void
  ) async throws(TuningError) -> SearchOutcome {
    let ledger = try await Ledger(for: problem, settings: settings, prices: prices, until: patience).opened()
    var run = GreedyRun(ledger, ranking: .byScore)
    var best = try await run.finish(reporting: progress)
    // Only where the budget turned something away can the other order end better.
    if best.budgetWasBinding {
      run = GreedyRun(ledger, ranking: .byScorePerByte)
      let other = try await run.finish(reporting: progress)
      if (other.load, other.bytes) < (best.load, best.bytes) { best = other }
    }
    return SearchOutcome(
      chosen: best.chosen, ending: ledger.ending(reachedIndexLimit: best.reachedIndexLimit), path: best.path)
  }
}

/// One greedy pass over the queue of items.
private struct GreedyRun<Model: CostModel> {
  enum Ranking { case byScore, byScorePerByte }

  struct Result {
    var chosen: [Int]
    var load: Double
    var bytes: Int64
    var path: [FrontPoint]
    var budgetWasBinding: Bool
    var reachedIndexLimit: Bool
  }

  private struct Item {
    let members: IndexSet
    var bound: Double
    /// How many times something had been accepted when the bound was computed; nil before the first evaluation.
    var evaluatedAt: Int?
  }

  private let ledger: Ledger<Model>
  private let ranking: Ranking
  private var items: [Item]
  private var chosen: [Int] = []
  private var configuration = IndexSet()
  private var current: [Double]
  private var path: [FrontPoint]
  private var budgetWasBinding = false
  /// Items whose prices under the present configuration were asked for together.
  private var prefetched: Set<Int> = []

  init(_ ledger: Ledger<Model>, ranking: Ranking) {
    self.ledger = ledger
    self.ranking = ranking
    self.current = ledger.problem.loads
    self.path = [FrontPoint(bytes: 0, relativeLoad: 1, indexCount: 0)]
    self.items = ledger.itemMembers.map { Item(members: $0, bound: 0, evaluatedAt: nil) }
  }

  mutating func finish(reporting progress: @Sendable (SearchProgress) -> Void) async throws(TuningError) -> Result {
    // Benefits are not submodular: after the lazy queue runs dry, look once more at everything that could still gain.
    var sweep = 0
    var acceptedInSweep = true
    while acceptedInSweep && sweep < 3 {
      acceptedInSweep = false
      for position in items.indices {
        items[position].evaluatedAt = nil
        items[position].bound = rank(potential(of: items[position].members), of: items[position].members)
      }
      while chosen.count < ledger.settings.maximumIndexes, let accepted = try await nextAccepted() {
        try await accept(accepted)
        acceptedInSweep = true
        progress(
          SearchProgress(
            chosen: chosen.count, relativeLoad: relativeLoad, planningCalls: await ledger.prices.planningCalls))
      }
      try await dropSuperfluous()
      sweep += 1
    }
    return Result(
      chosen: chosen, load: current.reduce(0, +), bytes: ledger.bytes(of: configuration), path: path,
      budgetWasBinding: budgetWasBinding, reachedIndexLimit: chosen.count >= ledger.settings.maximumIndexes)
  }

  private var relativeLoad: Double { current.reduce(0, +) / max(ledger.totalLoad, .leastNormalMagnitude) }

  /// The best item that passes every threshold now, or nil.
  private mutating func nextAccepted() async throws(TuningError) -> IndexSet? {
    while let top = bestPosition() {
      let members = items[top].members
      guard fits(members) else {
        budgetWasBinding = true
        items[top].bound = -.infinity
        continue
      }
      if items[top].evaluatedAt == chosen.count { return members }
      try await look(ahead: top)
      let verdict = try await ledger.judge(adding: members, to: configuration, current: current)
      items[top].evaluatedAt = chosen.count
      items[top].bound = verdict.isAcceptable ? rank(verdict.score, of: members) : -.infinity
    }
    return nil
  }

  /// Items that were never evaluated will all have to be: they are asked about together. The others come up one by one.
  private mutating func look(ahead top: Int) async throws(TuningError) {
    guard items[top].evaluatedAt == nil, !prefetched.contains(top) else { return }
    let waiting = items.indices.filter { position in
      items[position].evaluatedAt == nil && items[position].bound > 0 && fits(items[position].members)
        && !items[position].members.isSubset(of: configuration)
    }
    let next = waiting.sorted { items[$0].bound > items[$1].bound }.prefix(16)
    prefetched.formUnion(next)
    try await ledger.prefetch(next.map { items[$0].members }, besides: configuration)
  }

  private func bestPosition() -> Int? {
    var best: Int?
    for position in items.indices where items[position].bound > 0 {
      guard !items[position].members.isSubset(of: configuration) else { continue }
      if let other = best, items[other].bound >= items[position].bound { continue }
      best = position
    }
    return best
  }

  private func fits(_ members: IndexSet) -> Bool {
    guard let budget = ledger.settings.storageBudget else { return true }
    return ledger.bytes(of: configuration.union(members)) <= budget
  }

  private func rank(_ score: Double, of members: IndexSet) -> Double {
    switch ranking {
    case .byScore: score
    case .byScorePerByte: score / Double(max(ledger.bytes(of: members), 8_192))
    }
  }

  /// The most that the item could still save.
  private func potential(of members: IndexSet) -> Double {
    let writes = members.members.reduce(0.0) { $0 + ledger.problem.writeLoads[$1] }
    return ledger.queries(helpedBy: members).reduce(0.0) { sum, query in
      sum + max(0, current[query] - ledger.lowestLoad[query])
    } - writes
  }

  private mutating func accept(_ members: IndexSet) async throws(TuningError) {
    prefetched = []
    let grown = configuration.union(members)
    let fresh = try await ledger.loads(of: ledger.queries(helpedBy: members), with: grown, otherwise: current)
    for (query, load) in fresh { current[query] = load }
    for member in members.members where !configuration.contains(member) { chosen.append(member) }
    configuration = grown
    path.append(
      FrontPoint(
        bytes: ledger.bytes(of: configuration), relativeLoad: relativeLoad, indexCount: configuration.count))
  }

  /// Drops what no longer earns its keep given the rest, latest first, by the very test that admitted it.
  private mutating func dropSuperfluous() async throws(TuningError) {
    var dropped = false
    for member in chosen.reversed() {
      let rest = configuration.removing(member)
      let without = try await ledger.loads(
        of: ledger.queries(helpedBy: IndexSet([member])), with: rest, otherwise: current)
      var loads = current
      for (query, load) in without { loads[query] = load }
      let verdict = try await ledger.judge(adding: IndexSet([member]), to: rest, current: loads)
      if verdict.isAcceptable { continue }
      configuration = rest
      chosen.removeAll { $0 == member }
      current = loads
      dropped = true
    }
    if dropped {
      path.append(
        FrontPoint(
          bytes: ledger.bytes(of: configuration), relativeLoad: relativeLoad, indexCount: configuration.count))
    }
  }
}
