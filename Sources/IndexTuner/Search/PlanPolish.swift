// The last word is the planner's: a configuration is priced as it stands, and what does not earn its keep is dropped.

/// Makes a configuration of the master program one that holds under true prices and passes every threshold.
struct PlanPolish<Model: CostModel> {
  struct Result {
    var configuration: IndexSet
    var load: Double
    /// What was dropped because it fails a threshold beside the others.
    var refused: Set<Int> = []
  }

  private let ledger: Ledger<Model>

  init(_ ledger: Ledger<Model>) { self.ledger = ledger }

  func polished(_ start: IndexSet) async throws(TuningError) -> Result {
    var configuration = start
    var loads = try await trueLoads(with: configuration)
    var refused: Set<Int> = []
    while let worse = ledger.problem.loads.indices.first(where: { isDearer($0, loads) }),
      let culprit = try await culprit(of: worse, in: configuration, loads)
    {
      configuration = configuration.removing(culprit)
      refused.insert(culprit)
      loads = try await trueLoads(with: configuration)
    }
    var hasDropped = true
    // What was useful beside an index may be useless without it.
    while hasDropped {
      hasDropped = false
      for member in try await leastUsefulFirst(configuration, loads) {
        let rest = configuration.removing(member)
        let without = try await self.loads(without: member, in: configuration, loads)
        let verdict = try await ledger.judge(adding: IndexSet([member]), to: rest, current: without)
        if verdict.isAcceptable { continue }
        configuration = rest
        refused.insert(member)
        loads = without
        hasDropped = true
      }
    }
    if ledger.settings.exchangeRate > 0 { (configuration, loads) = try await narrowed(configuration, loads) }
    (configuration, loads) = try await betterLed(configuration, loads)
    return Result(
      configuration: configuration, load: loads.reduce(0, +) + ledger.upkeep(of: configuration), refused: refused)
  }

  /// What each statement weighs with just this configuration.
  func trueLoads(with configuration: IndexSet) async throws(TuningError) -> [Double] {
    let base = ledger.problem.loads
    let fresh = try await ledger.loads(
      of: ledger.queries(helpedBy: configuration), with: configuration, otherwise: base)
    return base.indices.map { fresh[$0] ?? base[$0] }
  }

  private func isDearer(_ query: Int, _ loads: [Double]) -> Bool {
    loads[query] > ledger.problem.loads[query] * (1 + 1e-6)
  }

  /// The index without which the statement is cheapest, of those that matter to it.
  private func culprit(of query: Int, in configuration: IndexSet, _ loads: [Double]) async throws(TuningError) -> Int? {
    var best: (member: Int, load: Double)?
    for member in configuration.members where ledger.problem.relevant[query].contains(member) {
      let load = try await ledger.loads(of: [query], with: configuration.removing(member), otherwise: loads)[query]
      if let load, load < best?.load ?? .infinity { best = (member, load) }
    }
    return best?.member
  }

  /// A wide index gives way to a narrower one of its family that scores better at the exchange rate.
  private func narrowed(
    _ start: IndexSet, _ loads: [Double]
  ) async throws(TuningError) -> (configuration: IndexSet, loads: [Double]) {
    var (configuration, loads) = (start, loads)
    for member in start.members {
      let rest = configuration.removing(member)
      let without = try await self.loads(without: member, in: configuration, loads)
      var best = (member: member, score: try await score(of: member, beside: rest, without))
      for other in narrower(than: member) where !rest.contains(other) {
        let score = try await score(of: other, beside: rest, without)
        guard score > best.score else { continue }
        if try await isWorthItsWidth(member, instead: other, beside: rest, without) { continue }
        best = (other, score)
      }
      guard best.member != member else { continue }
      configuration = rest.adding(best.member)
      loads = try await trueLoads(with: configuration)
    }
    return (configuration, loads)
  }

  /// A wide index that holds but what is searched or sorted by stays where even beside the narrow one it would be worth
  /// its space: of what the narrow one leaves it saves much, little as that may be of what was there before.
  private func isWorthItsWidth(
    _ member: Int, instead other: Int, beside rest: IndexSet, _ without: [Double]
  ) async throws(TuningError) -> Bool {
    guard ledger.problem.conditioned.contains(member) else { return false }
    let narrow = rest.adding(other)
    let fresh = try await ledger.loads(
      of: ledger.queries(helpedBy: IndexSet([member, other])), with: narrow, otherwise: without)
    let current = without.indices.map { fresh[$0] ?? without[$0] }
    return try await ledger.judge(adding: IndexSet([member]), to: narrow, current: current).isAcceptable
  }

  /// Where a column of a few values leads for no gain, the other order serves more statements: also those that do not
  /// name it.
  private func betterLed(
    _ start: IndexSet, _ loads: [Double]
  ) async throws(TuningError) -> (configuration: IndexSet, loads: [Double]) {
    var (configuration, loads) = (start, loads)
    let sizes = ledger.problem.sizes
    for member in start.members {
      for other in ledger.problem.betterLed[member] ?? [] {
        guard !configuration.contains(other), ledger.settings.storageBudget == nil || sizes[other] <= sizes[member]
        else { continue }
        let turned = configuration.removing(member).adding(other)
        let fresh = try await ledger.loads(
          of: ledger.queries(helpedBy: IndexSet([member, other])), with: turned, otherwise: loads)
        let after = loads.indices.map { fresh[$0] ?? loads[$0] }
        guard zip(after, loads).allSatisfy({ $0 <= $1 * (1 + 1e-4) }) else { continue }
        (configuration, loads) = (turned, after)
        break
      }
    }
    return (configuration, loads)
  }

  private func score(of member: Int, beside rest: IndexSet, _ without: [Double]) async throws(TuningError) -> Double {
    let verdict = try await ledger.judge(adding: IndexSet([member]), to: rest, current: without)
    return verdict.isAcceptable ? verdict.score : 0
  }

  /// Candidates that begin with the same key, or hold only rows that a condition on its column leaves, and are smaller.
  private func narrower(than member: Int) -> [Int] {
    let (candidates, sizes) = (ledger.problem.candidates, ledger.problem.sizes)
    let (table, first) = (candidates[member].table, candidates[member].keys.first)
    return candidates.indices.filter {
      candidates[$0].table == table && sizes[$0] < sizes[member]
        && (candidates[$0].keys.first == first
          || isConditioned($0, on: first))
    }
  }

  private func isConditioned(_ candidate: Int, on key: IndexDefinition.Key?) -> Bool {
    guard let key, key.isPlain else { return false }
    return ledger.problem.candidates[candidate].predicate?.columns.contains(key.column) ?? false
  }

  /// What the others would miss least comes first. Everything is asked together; after many questions, of what would be
  /// missed by all that is known nothing is asked.
  private func leastUsefulFirst(_ configuration: IndexSet, _ loads: [Double]) async throws(TuningError) -> [Int] {
    var members = configuration.members
    if ledger.problem.loads.count > Thoroughness.manyStatements, !ledger.settings.hasStrictThresholds,
      await !ledger.mayExplore()
    {
      members = await ledger.doubtful(in: configuration, loads)
    }
    try await ledger.prefetch(dropping: members, from: configuration)
    var losses: [(member: Int, loss: Double)] = []
    for member in members {
      let without = try await self.loads(without: member, in: configuration, loads)
      losses.append((member, without.reduce(0, +) - loads.reduce(0, +) - ledger.problem.writeLoads[member]))
    }
    return losses.sorted { $0.loss != $1.loss ? $0.loss < $1.loss : $0.member > $1.member }.map(\.member)
  }

  private func loads(
    without member: Int, in configuration: IndexSet, _ loads: [Double]
  ) async throws(TuningError) -> [Double] {
    let fresh = try await ledger.loads(
      of: ledger.queries(helpedBy: IndexSet([member])), with: configuration.removing(member), otherwise: loads)
    return loads.indices.map { fresh[$0] ?? loads[$0] }
  }
}
