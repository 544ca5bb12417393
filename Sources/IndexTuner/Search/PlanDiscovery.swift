// Asks the planner for the plans worth knowing: around the best ones, then where the budget says that more may be had.

/// Fills the memory of `RememberedPrices` with plans; what they are good for is decided by the master program.
struct PlanDiscovery<Model: CostModel>: Sendable {
  private let ledger: Ledger<Model>
  private let worthwhile: Double

  /// - Parameter worthwhile: the share of the workload below which a saving is not looked for.
  init(_ ledger: Ledger<Model>, worthwhile: Double) {
    self.ledger = ledger
    self.worthwhile = worthwhile * ledger.totalLoad
  }

  private var problem: SearchProblem { ledger.problem }

  // MARK: - Around the best plans

  /// For each statement that can gain, its plan with narrow indexes alone, what that would turn into without the family of
  /// each of them, and what each does alone. Small budgets are filled with them.
  func exploreNarrowPlans() async throws(TuningError) {
    let requests = gaining.map { PriceRequest(query: $0, indexes: ledger.views.narrow[$0]) }
    var further: [PriceRequest] = []
    for (request, price) in zip(requests, try await answers(requests)) {
      guard let used = price?.used, used.count > 1, request.indexes.count > used.count + 1 else { continue }
      further += alone(used, request.query)
      further += used.members.filter { !ledger.isTrifle($0) }.map { member in
        PriceRequest(query: request.query, indexes: request.indexes.filter { !isFamily($0, of: member) })
      }
    }
    _ = try await nearAnswers(further)
  }

  private var gaining: [Int] {
    problem.relevant.indices.filter { problem.loads[$0] - ledger.lowestLoad[$0] > 5 * worthwhile }
  }

  private func alone(_ used: IndexSet, _ query: Int) -> [PriceRequest] {
    used.members.map { PriceRequest(query: query, indexes: IndexSet([$0])) }
  }

  /// For each statement that can gain, what its best plan would turn into without the family of each of its indexes, without
  /// each table's, and what each index does alone.
  func exploreBestPlans() async throws(TuningError) {
    let queries = gaining
    let best = try await answers(queries.map { PriceRequest(query: $0, indexes: ledger.opening[$0]) })
    let shown = await ledger.shown()
    var requests: [PriceRequest] = []
    for (query, price) in zip(queries, best) {
      guard let used = price?.used, !used.isEmpty else { continue }
      requests += around(used, among: shown[query], ledger.views.isStaged[query]).map {
        PriceRequest(query: query, indexes: $0)
      }
    }
    let found = try await nearAnswers(requests)
    var further: [PriceRequest] = []
    for (request, price) in zip(requests, found) {
      guard let used = price?.used, used.count > 1 else { continue }
      if request.indexes.count > used.count + 1, isNarrow(used) { further += alone(used, request.query) }
    }
    _ = try await nearAnswers(further)
  }

  private func around(_ used: IndexSet, among all: IndexSet, _ isStaged: Bool) -> [IndexSet] {
    // Of many tables the others' indexes are taken to stay.
    if isStaged {
      return used.members.filter { !ledger.isTrifle($0) }.map { used.removing($0) }
    }
    var visible: [IndexSet] = []
    for member in used.members where !ledger.isTrifle(member) {
      visible.append(all.filter { !isFamily($0, of: member) })
      if used.count > 1 { visible.append(IndexSet([member])) }
    }
    let tables = Set(used.members.map { problem.candidates[$0].table }).sorted()
    if tables.count > 1 {
      for table in tables { visible.append(all.filter { problem.candidates[$0].table != table }) }
    }
    return visible
  }

  private func isNarrow(_ used: IndexSet) -> Bool {
    used.members.allSatisfy { problem.candidates[$0].keys.count == 1 }
  }

  private func isFamily(_ one: Int, of other: Int) -> Bool {
    problem.candidates[one].table == problem.candidates[other].table
      && problem.candidates[one].keys.first == problem.candidates[other].keys.first
  }

  private func isWiderOrSame(_ one: Int, as other: Int) -> Bool {
    isFamily(one, of: other) && problem.sizes[one] >= problem.sizes[other]
  }

  // MARK: - Around a configuration

  /// Looks for plans that would make each configuration better, seeing to what an index costs at the margin: each
  /// statement that is dearer than it could be is planned with the configuration and all else that may pay for itself;
  /// while its plan gains, what it took is taken away again, wide ones first.
  func explore(
    around configurations: [(indexes: IndexSet, priceOfByte: Double)], waves: Int
  ) async throws(TuningError) {
    var open: [Variation] = []
    for (indexes, priceOfByte) in configurations { open += await variations(around: indexes, priceOfByte) }
    for _ in 0..<waves where !open.isEmpty {
      guard await ledger.mayExplore() else { break }
      let found = try await nearAnswers(open.map(\.request))
      var next: [Variation] = []
      for (entry, price) in zip(open, found) {
        guard let price else { continue }
        let saved = entry.known - load(of: entry.request.query, at: price.cost)
        let taken = price.used.filter { !entry.configuration.contains($0) }
        guard saved > worthwhile, !taken.isEmpty else { continue }
        if let request = without(taken, entry.request, entry.step) {
          next.append(
            Variation(request: request, configuration: entry.configuration, known: entry.known, step: entry.step + 1))
        }
      }
      open = next
    }
  }

  /// What a statement could do with more than a configuration.
  private struct Variation {
    var request: PriceRequest
    let configuration: IndexSet
    /// Its load with the configuration.
    let known: Double
    var step = 0
  }

  private func variations(around configuration: IndexSet, _ priceOfByte: Double) async -> [Variation] {
    let known = await knownLoads(with: configuration)
    let gaps = known.indices.map { known[$0] - ledger.lowestLoad[$0] }
    var reach = [Double](repeating: 0, count: problem.candidates.count)
    for query in gaps.indices { for member in problem.relevant[query].members { reach[member] += max(0, gaps[query]) } }
    let affordable = problem.candidates.indices.map { member in
      problem.writeLoads[member] + priceOfByte * Double(problem.sizes[member]) < reach[member]
        && problem.sizes[member] <= ledger.settings.largestBudget
    }
    let shown = await ledger.shown()
    return gaps.indices.filter { gaps[$0] > worthwhile }.map { query in
      let visible = shown[query].filter { affordable[$0] }
        .union(configuration.intersection(problem.relevant[query]))
      return Variation(
        request: PriceRequest(query: query, indexes: visible), configuration: configuration, known: known[query])
    }
  }

  /// What each index of a configuration could be replaced by: those who use it are planned without it, with its narrower
  /// family instead, or with nothing.
  func exploreSubstitutes(in configuration: IndexSet) async throws(TuningError) {
    guard await ledger.mayExplore() else { return }
    let queries = problem.relevant.indices.filter { problem.loads[$0] - ledger.lowestLoad[$0] > worthwhile }
    let present = try await answers(queries.map { PriceRequest(query: $0, indexes: configuration) })
    let shown = await ledger.shown()
    var requests: [PriceRequest] = []
    for (query, price) in zip(queries, present) {
      for member in price?.used.members ?? [] where !ledger.isTrifle(member) {
        let rest = configuration.removing(member).intersection(problem.relevant[query])
        let narrower = shown[query].filter { isFamily($0, of: member) && !isWiderOrSame($0, as: member) }
        requests.append(PriceRequest(query: query, indexes: rest.union(narrower)))
      }
    }
    _ = try await nearAnswers(requests)
  }

  /// The same request without the dearest index that its plan took, then without its family.
  private func without(_ taken: IndexSet, _ request: PriceRequest, _ step: Int) -> PriceRequest? {
    guard let dearest = taken.members.max(by: { (problem.sizes[$0], $0) < (problem.sizes[$1], $1) }),
      !ledger.isTrifle(dearest)
    else { return nil }
    let rest = request.indexes.filter { step % 2 == 0 ? !isWiderOrSame($0, as: dearest) : !isFamily($0, of: dearest) }
    return PriceRequest(query: request.query, indexes: rest)
  }

  /// What some statements cost with a configuration.
  func ask(_ queries: [Int], with configuration: IndexSet) async throws(TuningError) {
    _ = try await answers(queries.map { PriceRequest(query: $0, indexes: configuration) })
  }

  // MARK: - What is known

  /// The lowest load that remembered plans promise each statement under a configuration.
  func knownLoads(with configuration: IndexSet) async -> [Double] {
    let known = await ledger.prices.known(
      problem.relevant.indices.map { PriceRequest(query: $0, indexes: configuration) })
    return known.enumerated().map { query, price in price.map { load(of: query, at: $0.cost) } ?? problem.loads[query] }
  }

  private func load(of query: Int, at cost: Double) -> Double {
    problem.loads[query] * cost / problem.baseCosts[query]
  }

  private func answers(_ requests: [PriceRequest]) async throws(TuningError) -> [Price?] {
    guard !ledger.patience.isOver else { return Array(repeating: nil, count: requests.count) }
    return try await ledger.prices.prices(requests, until: ledger.patience)
  }

  /// Likewise, as near as savings are looked for.
  private func nearAnswers(_ requests: [PriceRequest]) async throws(TuningError) -> [Price?] {
    guard !ledger.patience.isOver else { return Array(repeating: nil, count: requests.count) }
    return try await ledger.prices.prices(requests, within: ledger.tolerance(of: worthwhile), until: ledger.patience)
  }
}
