// What a greedy search keeps its accounts in: potentials, loads of configurations, and the test an index must pass.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The accounts of one search: turns prices into loads and loads into verdicts.
struct Ledger<Model: CostModel>: Sendable {
  struct Verdict {
    /// Load saved, less what the space costs at the exchange rate.
    var score: Double
    var isAcceptable: Bool
  }

  let problem: SearchProblem
  let settings: SearchSettings
  let prices: RememberedPrices<Model>
  let totalLoad: Double
  /// Each statement's load if it might use every candidate: no configuration is expected to do better.
  private(set) var lowestLoad: [Double]
  /// What may be added in one step: every candidate with a potential, and the bundles.
  private(set) var itemMembers: [IndexSet] = []
  private let queriesByCandidate: [[Int]]
  let standIns: StandIns
  let views: Views
  /// What each statement's best plan so far was chosen from.
  private(set) var opening: [IndexSet] = []
  let patience: Patience
  /// Questions asked before only a part of those left was allowed, and that part.
  private var allowed = (after: 0, percent: 100)

  /// Nothing was asked: of no statement is it known that it could not cost nothing.
  init(for problem: SearchProblem, settings: SearchSettings, prices: RememberedPrices<Model>, until patience: Patience)
  {
    (self.problem, self.settings, self.prices, self.patience) = (problem, settings, prices, patience)
    totalLoad = problem.loads.reduce(0, +)
    lowestLoad = problem.loads.map { _ in 0 }
    var queriesByCandidate = [[Int]](repeating: [], count: problem.candidates.count)
    for (query, relevant) in problem.relevant.enumerated() {
      for member in relevant.members { queriesByCandidate[member].append(query) }
    }
    self.queriesByCandidate = queriesByCandidate
    let trifle = Self.trifle(under: settings)
    standIns = StandIns(for: problem) { Double(problem.sizes[$0]) < trifle }
    views = Views(of: problem)
  }

  /// What each statement would do with narrow indexes alone, no more than fit: several of them have room where one wide one has.
  func askNarrow(within budget: Int64) async throws(TuningError) {
    let requests = problem.loads.indices.map {
      PriceRequest(query: $0, indexes: views.narrow(for: $0, within: budget))
    }
    _ = try await prices.prices(requests, until: patience)
  }

  /// Prices every statement with all its close candidates visible: one what-if call a statement tells which of them can gain
  /// at all, and which indexes its best plan would use together.
  func opened() async throws(TuningError) -> Ledger {
    let (requests, answers) = try await firstAnswers()
    var lowest = problem.loads
    var bundles: [IndexSet] = []
    for (query, answer) in answers.enumerated() {
      // Without an answer anything is possible.
      guard let answer else {
        lowest[query] = 0
        continue
      }
      lowest[query] = problem.loads[query] * answer.cost / problem.baseCosts[query]
      if (2...4).contains(answer.used.count), !bundles.contains(answer.used) { bundles.append(answer.used) }
    }
    let singles = problem.candidates.indices.filter { candidate in
      queriesByCandidate[candidate].contains { lowest[$0] < problem.loads[$0] * 0.999 }
    }
    var opened = self
    opened.lowestLoad = lowest
    opened.itemMembers = bundles + singles.map { IndexSet([$0]) }
    opened.opening = requests.map(\.indexes)
    return opened
  }

  /// Where only narrow candidates were shown, those that begin like the ones that were used are shown as well.
  private func firstAnswers() async throws(TuningError) -> ([PriceRequest], [Price?]) {
    var requests = views.first.enumerated().map { PriceRequest(query: $0.offset, indexes: $0.element) }
    var answers = try await prices.prices(requests, until: patience)
    let wider = requests.indices.compactMap { query -> PriceRequest? in
      guard views.isStaged[query], let used = answers[query]?.used, !used.isEmpty else { return nil }
      return PriceRequest(query: query, indexes: views.families(of: used, for: query))
    }
    guard !patience.isOver else { return (requests, answers) }
    for (request, answer) in zip(wider, try await prices.prices(wider, until: patience)) {
      guard let answer, answer.cost <= answers[request.query]?.cost ?? .infinity else { continue }
      answers[request.query] = answer
      requests[request.query] = request
    }
    return (requests, answers)
  }

  /// What who looks for savings of so much load need not tell apart; of few statements everything is asked exactly, which
  /// takes no time.
  func tolerance(of load: Double) -> PriceTolerance? {
    guard problem.loads.count > Thoroughness.fewStatements else { return nil }
    let costs = zip(problem.loads, problem.baseCosts).map { $0 > 0 ? $1 / $0 : 0 }
    return PriceTolerance(lowest: zip(lowestLoad, costs).map { $0 * $1 }, difference: costs.map { load * $0 })
  }

  /// From now on only so large a part of the questions that are left may be asked.
  mutating func allow(percent: Int) async { allowed = (await prices.askedCount, percent) }

  /// Whether there are questions left for what may be worth knowing.
  func mayExplore(upTo questions: Int = Thoroughness.questions) async -> Bool {
    guard !patience.isOver else { return false }
    let statements = problem.loads.count
    // Their indexes have more to do with each other.
    let percent = statements > Thoroughness.manyStatements ? Thoroughness.questionsAmongMany : 100
    let wanted = questions * max(Thoroughness.fewStatements, statements) * percent / 100
    // Of hundreds of statements most are simple.
    let most = max(Thoroughness.mostQuestions, Thoroughness.fewQuestions * statements)
    let left = min(wanted, most) - allowed.after
    return await prices.askedCount < allowed.after + left * allowed.percent / 100
  }

  /// What is worth showing the planner for each statement: its close candidates, and those that others use.
  func shown() async -> [IndexSet] {
    let popular = await prices.popular
    var shown: [IndexSet] = []
    for query in problem.relevant.indices {
      let close =
        views.isStaged[query] ? views.families(of: await prices.used(by: query), for: query) : problem.close[query]
      shown.append(close.union(problem.relevant[query].intersection(popular)))
    }
    return shown
  }

  /// Whether an index is so small, beside the smallest budget, that leaving it out buys nothing.
  func isTrifle(_ member: Int) -> Bool { Double(problem.sizes[member]) < Self.trifle(under: settings) }

  private static func trifle(under settings: SearchSettings) -> Double {
    Thoroughness.trifle * Double(settings.ladder.asked.compactMap { $0 }.min() ?? 0)
  }

  func queries(helpedBy members: IndexSet) -> [Int] {
    if members.count == 1 { return queriesByCandidate[members.members[0]] }
    return Array(Set(members.members.flatMap { queriesByCandidate[$0] })).sorted()
  }

  func bytes(of configuration: IndexSet) -> Int64 {
    configuration.members.reduce(0) { $0 + problem.sizes[$1] }
  }

  func upkeep(of configuration: IndexSet) -> Double {
    configuration.members.reduce(0) { $0 + problem.writeLoads[$1] }
  }

  /// The loads of some statements under a configuration. Past the deadline nothing is asked any more: the cheapest
  /// plan already known to need nothing else stands in, and where there is none the load stays as it was.
  func loads(
    of queries: [Int], with configuration: IndexSet, otherwise current: [Double]
  ) async throws(TuningError) -> [Int: Double] {
    var answers = [Price?](repeating: nil, count: queries.count)
    if !patience.isOver {
      answers = try await prices.prices(
        queries.map { PriceRequest(query: $0, indexes: configuration) }, until: patience)
    }
    var loads: [Int: Double] = [:]
    for (query, answer) in zip(queries, answers) {
      var cost = answer?.cost
      if cost == nil { cost = await prices.upperBound(of: query, with: configuration) }
      loads[query] = cost.map { problem.loads[query] * $0 / problem.baseCosts[query] } ?? current[query]
    }
    return loads
  }

  /// Asks for everything that judging several items will need, in few pipelines.
  func prefetch(_ items: [IndexSet], besides configuration: IndexSet) async throws(TuningError) {
    guard !patience.isOver else { return }
    let requests = items.flatMap { members in
      queries(helpedBy: members.filter { !configuration.contains($0) }).map {
        PriceRequest(query: $0, indexes: configuration.union(members))
      }
    }
    _ = try await prices.prices(requests, until: patience)
  }

  /// Members of a configuration without which, by what is remembered, little would be lost.
  func doubtful(in configuration: IndexSet, _ loads: [Double]) async -> [Int] {
    var found: [Int] = []
    for member in configuration.members {
      let queries = queriesByCandidate[member]
      let rest = configuration.removing(member)
      let known = await prices.known(queries.map { PriceRequest(query: $0, indexes: rest) })
      var loss = -problem.writeLoads[member]
      for (query, price) in zip(queries, known) {
        loss +=
          problem.loads[query] * (price?.cost ?? problem.baseCosts[query]) / problem.baseCosts[query] - loads[query]
      }
      if loss < totalLoad * Thoroughness.doubt { found.append(member) }
    }
    return found
  }

  /// Asks for everything that judging some members of a configuration beside the others will need.
  func prefetch(dropping members: [Int], from configuration: IndexSet) async throws(TuningError) {
    guard !patience.isOver else { return }
    let requests = members.flatMap { member in
      queriesByCandidate[member].map { PriceRequest(query: $0, indexes: configuration.removing(member)) }
    }
    _ = try await prices.prices(requests, until: patience)
  }

  /// Whether `members` are worth adding: writes paid, at least the minimum improvement for the statements they help, half of
  /// what is left of them or a noticeable part of what they were before any index,
  /// a noticeable share of the workload, and enough for the space at the exchange rate.
  func judge(
    adding members: IndexSet, to configuration: IndexSet, current: [Double]
  ) async throws(TuningError) -> Verdict {
    let added = members.filter { !configuration.contains($0) }
    let fresh = try await loads(
      of: queries(helpedBy: added), with: configuration.union(added), otherwise: current)
    var saved = 0.0
    var helpedBefore = 0.0
    var helpedAfter = 0.0
    var helpedAtFirst = 0.0
    for query in fresh.keys.sorted() {
      let before = current[query]
      let after = fresh[query] ?? before
      saved += before - after
      if after < before * 0.99 {
        helpedBefore += before
        helpedAfter += after
        helpedAtFirst += problem.loads[query]
      }
    }
    let net = saved - added.members.reduce(0.0) { $0 + problem.writeLoads[$1] }
    guard net > totalLoad * 1e-9, helpedBefore > 0, net >= totalLoad * settings.minimumShare,
      helpedBefore - helpedAfter >= helpedBefore * settings.minimumImprovement,
      !settings.hasStrictThresholds || helpedAfter * 2 <= helpedBefore
        || helpedBefore - helpedAfter >= helpedAtFirst * Thoroughness.noticeable
    else { return Verdict(score: 0, isAcceptable: false) }
    let price = settings.exchangeRate * spaceGrowth(of: added, beside: configuration)
    let gain = log(helpedBefore / max(helpedAfter, helpedBefore * 1e-9))
    let score = net * (1 - price / gain)
    return Verdict(score: score, isAcceptable: score > 0)
  }

  func ending(reachedIndexLimit: Bool) -> SearchOutcome.Ending {
    if patience.stop.isRaised { return .interrupted }
    if patience.isOver { return .timeLimit }
    return reachedIndexLimit ? .indexLimit : .complete
  }

  /// How much the touched tables grow, on the natural log scale.
  private func spaceGrowth(of added: IndexSet, beside configuration: IndexSet) -> Double {
    let tables = Set(added.members.map { problem.candidates[$0].table })
    var before = 0.0
    for table in tables.sorted() { before += Double(problem.tableBytes[table] ?? 0) }
    for member in configuration.members where tables.contains(problem.candidates[member].table) {
      before += Double(problem.sizes[member])
    }
    before = max(before, 8_192)
    return log((before + Double(bytes(of: added))) / before)
  }
}
