// One search and its account: what each chosen index brings, to which statement, at what price and how surely.

import Database

/// Runs the search over a priced workload and explains what it chose.
struct TuningRun: Sendable {
  let workload: Workload
  let problem: SearchProblem
  let sizeSources: [SizeSource]
  let base: [Price]
  let settings: TuningSettings
  let limits: Limits
  let progress: @Sendable (TuningProgress) -> Void

  func tuning(
    pricedBy model: HypotheticalIndexes, until patience: Patience, reportingUntil end: Patience
  ) async throws(TuningError) -> Tuning {
    let prices = RememberedPrices(model, relevant: problem.relevant, base: base, limits: limits)
    let strategy = allStrategies.first { $0.id == settings.strategy } ?? allStrategies[0]
    var search = settings.search
    // Without measured times one statement with an astronomic estimate must not make all others unworthy of an index.
    if loadUnit == .cost { search.minimumShare = 0 }
    let outcome = try await strategy.choose(
      for: problem, within: search, pricedBy: prices, until: patience,
      reporting: { progress(.searching($0)) })
    progress(.explaining)
    let account = try await account(of: outcome.chosen, prices, until: end)
    let names = names(of: account.order)
    let confidence = ConfidenceJudge(workload: workload, base: base)
    let recommendations = account.order.indices.map { rank in
      recommendation(rank, in: account, name: names[account.order[rank]] ?? "", confidence)
    }
    let final = account.steps.last ?? account.start
    var outcomes = try await outcomes(account, final: final, model, names, until: end)
    for query in outcomes.indices where outcomes[query].uses.isEmpty {
      outcomes[query].declined = await prices.lowestKnown(of: query).map(declined)
    }
    let redundant = CandidatePool.existingIndexesMadeRedundant(
      by: recommendations.map(\.index), in: workload.catalog)
    return Tuning(
      recommendations: marking(redundant, in: recommendations), outcomes: outcomes, skipped: workload.skipped,
      redundant: redundant, loadUnit: loadUnit,
      loadBefore: problem.loads.reduce(0, +),
      loadAfter: zip(problem.loads.indices, final).reduce(0) { sum, pair in
        sum + load(of: pair.0, at: pair.1.cost)
      },
      costBefore: totalCost(base), costAfter: totalCost(final),
      bytes: recommendations.reduce(0) { $0 + $1.bytes }, front: front(account, outcome.path),
      ending: ending(of: outcome),
      others: outcome.others.map { other in
        OtherBudget(
          budget: other.budget, bytes: other.bytes, relativeLoad: other.relativeLoad,
          indexes: other.chosen.map { problem.candidates[$0] })
      },
      strategy: strategy.id, candidateCount: problem.candidates.count, refusedCandidates: [], planningCalls: 0,
      rememberedPrices: await prices.rememberedCount, lowerBound: outcome.lowerBound, convergence: outcome.convergence)
  }

  /// A search that came to its end among a part of the statements did not come to the end of all.
  private func ending(of outcome: SearchOutcome) -> SearchOutcome.Ending {
    let isCut = outcome.ending == .complete && workload.skipped.contains(where: \.lacksTime)
    return isCut ? .timeLimit : outcome.ending
  }

  private var loadUnit: LoadUnit { workload.queries.contains { $0.milliseconds != nil } ? .milliseconds : .cost }

  // MARK: - The account

  /// Prices of every statement on the way from no index to all of them.
  private struct Account {
    var order: [Int]
    var start: [Price]
    /// After the first, the first two, … indexes.
    var steps: [[Price]]
    /// Load saved by each index alone.
    var alone: [Double]
  }

  private func account(
    of chosen: [Int], _ prices: RememberedPrices<HypotheticalIndexes>, until patience: Patience
  ) async throws(TuningError) -> Account {
    /// All indexes together are asked; the steps on the way are told from memory, and what an index does alone is asked
    /// for the statements that use it in the end. What the account costs is a small part of what the search cost.
    let all = IndexSet(chosen)
    let everything = problem.relevant.indices.map { PriceRequest(query: $0, indexes: all) }
    let final = chosen.isEmpty ? base : zip(try await prices.prices(everything), base).map { $0 ?? $1 }
    if !patience.isOver, chosen.count <= limits.pricedAlone {
      _ = try await prices.prices(
        chosen.flatMap { member in
          final.indices.filter { final[$0].used.contains(member) && final[$0].used.count > 1 }
            .map { PriceRequest(query: $0, indexes: IndexSet([member])) }
        }, until: patience)
    }
    try await askSteps(to: chosen, final, prices, until: patience)
    var account = Account(order: chosen, start: base, steps: [], alone: [])
    var configuration = IndexSet()
    var current = base
    for member in chosen {
      let queries = problem.relevant.indices.filter { problem.relevant[$0].contains(member) }
      let alone = await prices.known(queries.map { PriceRequest(query: $0, indexes: IndexSet([member])) })
      account.alone.append(
        zip(queries, alone).reduce(0.0) { sum, pair in
          sum + problem.loads[pair.0] - load(of: pair.0, at: pair.1?.cost ?? base[pair.0].cost)
        })
      configuration = configuration.adding(member)
      let together = await prices.known(queries.map { PriceRequest(query: $0, indexes: configuration) })
      for (query, price) in zip(queries, together) { if let price { current[query] = price } }
      account.steps.append(member == chosen.last ? final : current)
    }
    return account
  }

  /// Of a plan that uses many of the chosen indexes, as where many tables inherit from one, the search knows the whole and
  /// few of its parts.
  private func askSteps(
    to chosen: [Int], _ final: [Price], _ prices: RememberedPrices<HypotheticalIndexes>, until patience: Patience
  ) async throws(TuningError) {
    let wide = final.indices.filter { final[$0].used.count > limits.plainlyUsed }
    let steps = chosen.indices.dropLast().flatMap { rank in
      wide.filter { final[$0].used.contains(chosen[rank]) }
        .map { PriceRequest(query: $0, indexes: IndexSet(chosen[...rank])) }
    }
    guard !patience.isOver, steps.count <= limits.pricedSteps else { return }
    _ = try await prices.prices(steps, until: patience)
  }

  private func load(of query: Int, at cost: Double) -> Double {
    problem.loads[query] * cost / problem.baseCosts[query]
  }

  private func totalCost(_ prices: [Price]) -> Double {
    zip(workload.queries, prices).reduce(0) { $0 + Double($1.0.calls ?? 1) * $1.0.weight * $1.1.cost }
  }

  private func names(of order: [Int]) -> [Int: String] {
    var names: [Int: String] = [:]
    var taken: [String: Set<String>] = [:]
    for relation in workload.catalog.relations.values {
      taken[relation.schema, default: []].formUnion(relation.indexes.map(\.name))
      taken[relation.schema, default: []].insert(relation.name)
    }
    for member in order {
      let index = problem.candidates[member]
      let name = index.name(avoiding: taken[index.schema] ?? [])
      taken[index.schema, default: []].insert(name)
      names[member] = name
    }
    return names
  }

  /// The configurations that no smaller one beats, smallest first.
  private func front(_ account: Account, _ path: [FrontPoint]) -> [FrontPoint] {
    let total = max(problem.loads.reduce(0, +), .leastNormalMagnitude)
    var points = [FrontPoint(bytes: 0, relativeLoad: 1, indexCount: 0)] + path
    var bytes: Int64 = 0
    for (rank, prices) in account.steps.enumerated() {
      bytes += problem.sizes[account.order[rank]]
      let load = prices.indices.reduce(0.0) { $0 + self.load(of: $1, at: prices[$1].cost) }
      points.append(FrontPoint(bytes: bytes, relativeLoad: load / total, indexCount: rank + 1))
    }
    points.sort { ($0.bytes, $0.relativeLoad, $0.indexCount) < ($1.bytes, $1.relativeLoad, $1.indexCount) }
    var front: [FrontPoint] = []
    for point in points where point.relativeLoad < (front.last?.relativeLoad ?? .infinity) - 1e-9 {
      front.append(point)
    }
    return front
  }

  // MARK: - Recommendations

  private func recommendation(
    _ rank: Int, in account: Account, name: String, _ confidence: ConfidenceJudge
  ) -> Recommendation {
    let member = account.order[rank]
    let index = problem.candidates[member]
    let relation = workload.catalog[index.table]
    let before = rank == 0 ? account.start : account.steps[rank - 1]
    let after = account.steps[rank]
    let total = max(problem.loads.reduce(0, +), .leastNormalMagnitude)
    let saved = before.indices.reduce(0.0) {
      $0 + load(of: $1, at: before[$1].cost) - load(of: $1, at: after[$1].cost)
    }
    var helped: [HelpedQuery] = []
    for query in before.indices where after[query].cost < before[query].cost * 0.99 {
      helped.append(
        HelpedQuery(query: query, costBefore: before[query].cost, costAfter: after[query].cost))
    }
    let final = account.steps.last ?? []
    let users = helped.isEmpty ? final.indices.filter { final[$0].used.contains(member) } : helped.map(\.query)
    let writes = WriteCostModel(
      catalog: workload.catalog, queries: workload.queries, seconds: workload.countedSeconds)
    var writeCost = writes.cost(of: index)
    if loadUnit == .milliseconds, writeCost.isKnown, saved > 0 {
      writeCost.shareOfGain = writeCost.weighedMilliseconds / saved
    }
    return Recommendation(
      index: index, name: name, statements: index.statements(named: name, in: workload.catalog),
      bytes: problem.sizes[member],
      buildTime: BuildTime(heapBytes: relation?.heapBytes ?? 0, rows: relation?.rowEstimate ?? 0),
      gainAlone: account.alone[rank] / total, gainAfterEarlier: saved / total, helped: helped,
      writeCost: writeCost,
      confidence: confidence.confidence(in: index, helping: helped, before: before, after: after),
      why: Reasons(workload: workload).phrases(for: index, helping: users), makesRedundant: [],
      notes: (helped.isEmpty ? together(member, users.map { final[$0] }, account.order) : [])
        + CandidatePool.invalidTwins(of: index, on: relation) + notes(on: relation), sizeSource: sizeSources[member])
  }

  /// Of the arms of an OR only the last one's index saves anything, since all are needed.
  private func together(_ member: Int, _ prices: [Price], _ order: [Int]) -> [String] {
    let others = order.indices.filter { rank in
      order[rank] != member && prices.contains { $0.used.contains(order[rank]) }
    }
    guard !others.isEmpty else { return [] }
    let numbers = others.map { "\($0 + 1)" }.joined(separator: ", ")
    return ["it saves only together with \(numbers), which the same statements use beside it: build all of them"]
  }

  private func notes(on relation: Relation?) -> [String] {
    guard let relation else { return [] }
    guard relation.kind == .partitionedTable else {
      return InheritanceNotes(catalog: workload.catalog, limits: limits).notes(on: relation)
    }
    let isFlat = relation.leaves.allSatisfy { workload.catalog[$0]?.parent == relation.id }
    return isFlat
      ? ["partitioned table: the parent's index becomes valid when the last partition's is attached"]
      : ["partitioned over several levels: this statement locks writes while it builds; build level by level instead"]
  }

  private func marking(_ redundant: [RedundantIndex], in recommendations: [Recommendation]) -> [Recommendation] {
    var marked = recommendations
    for index in redundant { marked[index.coveredBy].makesRedundant.append(index.name) }
    return marked
  }

  private func declined(_ price: Price) -> DeclinedPlan {
    DeclinedPlan(
      cost: price.cost, indexes: price.used.members.map { problem.candidates[$0] },
      bytes: price.used.members.reduce(0) { $0 + problem.sizes[$1] })
  }

  private func outcomes(
    _ account: Account, final: [Price], _ model: HypotheticalIndexes, _ names: [Int: String],
    until patience: Patience
  ) async throws(TuningError) -> [QueryOutcome] {
    let configuration = IndexSet(account.order)
    let changed = workload.queries.indices.filter { final[$0].cost != base[$0].cost }
    let before = try await model.plans(
      changed.map { PriceRequest(query: $0, indexes: IndexSet()) }, naming: names, until: patience)
    let after = try await model.plans(
      changed.map { PriceRequest(query: $0, indexes: configuration.filter(problem.relevant[$0].contains)) },
      naming: names, until: patience)
    var plans: [Int: (Plan?, Plan?)] = [:]
    for (position, query) in changed.enumerated() { plans[query] = (before[position], after[position]) }
    return workload.queries.indices.map { query in
      QueryOutcome(
        query: workload.queries[query], load: problem.loads[query], costBefore: base[query].cost,
        costAfter: final[query].cost,
        uses: account.order.indices.filter { final[query].used.contains(account.order[$0]) },
        planBefore: plans[query]?.0, planAfter: plans[query]?.1)
    }
  }
}
