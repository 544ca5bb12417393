// The default search: remembered plans, an integer program that chooses among them, and questions only where it pays.

/// Chooses plans rather than indexes, in the manner of CoPhy (Dash, Polyzotis and Ailamaki, VLDB 2011): plans are asked
/// for once and remembered by the indexes they use (INUM: Papadomanolakis, Dash and Ailamaki, VLDB 2007), an integer
/// program takes one for each statement, and its prices say which plans to ask for next (column generation). What bounds
/// rule out is not asked (Wii: Wang et al., SIGMOD 2024; Esc, VLDB 2025).
package struct PlanChoice: SearchStrategy {
  package let id = "plan-choice"
  package let summary =
    "Asks for the plans that matter, remembers them by the indexes they use, and chooses one for each statement by branch "
    + "and bound within the budget, after CoPhy and INUM; asks again only where the bound says that something is left."

  package init() {}

  package func choose<Model: CostModel>(
    for problem: SearchProblem, within settings: SearchSettings, pricedBy prices: RememberedPrices<Model>,
    until patience: Patience, reporting progress: @Sendable (SearchProgress) -> Void
  ) async throws(TuningError) -> SearchOutcome {
    var search = PlanSearch(Ledger(for: problem, settings: settings, prices: prices, until: patience))
    try await search.open(reporting: progress)
    return try await search.outcome(reporting: progress)
  }
}

/// One search by plan choice.
private struct PlanSearch<Model: CostModel>: Sendable {
  private var ledger: Ledger<Model>
  private var discovery: PlanDiscovery<Model>
  /// Configurations worth looking at again, newest last; without repeats.
  private var starts: [IndexSet] = []
  /// The last multipliers, by statement and candidate: the next program begins with them.
  private var multipliers: [Int: Double] = [:]
  private var path: [FrontPoint] = [FrontPoint(bytes: 0, relativeLoad: 1, indexCount: 0)]
  private var convergence: Convergence

  init(_ ledger: Ledger<Model>) {
    self.ledger = ledger
    convergence = Convergence(within: ledger.settings.asked)
    discovery = PlanDiscovery(ledger, worthwhile: Thoroughness.worthwhile)
  }

  /// Under a budget there is an answer before the wide indexes are looked at.
  mutating func open(reporting progress: @Sendable (SearchProgress) -> Void) async throws(TuningError) {
    if let budget = ledger.settings.storageBudget {
      try await ledger.askNarrow(within: budget)
      await report(await solve(budget, exploring), progress)
    }
    ledger = try await ledger.opened()
    discovery = PlanDiscovery(ledger, worthwhile: Thoroughness.worthwhile)
  }

  mutating func outcome(reporting progress: @Sendable (SearchProgress) -> Void) async throws(TuningError)
    -> SearchOutcome
  {
    await report(await solve(ledger.settings.storageBudget, exploring), progress)
    try await discovery.exploreNarrowPlans()
    if let budget = ledger.settings.storageBudget {
      await report(await solve(budget, exploring), progress)
    }
    try await discovery.exploreBestPlans()
    let ladder = ledger.settings.ladder
    for (place, budget) in ladder.asked.enumerated() {
      await allow(percent: 100 / (ladder.asked.count - place))
      try await explore(budget, progress)
    }
    for budget in ladder.further {
      guard await ledger.mayExplore(upTo: Thoroughness.questionsForFurtherBudgets) else { break }
      try await explore(budget, progress)
    }
    var answers: [Answer] = []
    for budget in ledger.settings.asked {
      let answer = try await answer(within: budget)
      answers.append(answer)
      convergence.close(
        budget, with: point(answer.configuration, answer.load), after: await ledger.prices.planningCalls)
    }
    let main = answers[0]
    await drawFront()
    let bound = await bound()
    return SearchOutcome(
      chosen: BuildOrder(await program(nil, without: [])).order(of: main.configuration),
      ending: ledger.ending(reachedIndexLimit: main.configuration.count >= ledger.settings.maximumIndexes), path: path,
      others: zip(ledger.settings.otherBudgets, answers.dropFirst()).map { budget, answer in
        BudgetAnswer(
          budget: budget, chosen: answer.configuration.members, bytes: ledger.bytes(of: answer.configuration),
          relativeLoad: answer.load / total)
      }, lowerBound: bound.map { min($0, main.load) / total }, convergence: convergence.points)
  }

  /// Over all that was asked, for the last answers as well. Of thousands of plans it takes a while, which nobody has who was
  /// told to stop.
  private func bound() async -> Double? {
    guard !ledger.patience.isOver else { return nil }
    return await solved(ledger.settings.storageBudget, .answering, without: [], derives: false).bound
  }

  /// The small budgets come first and would take all questions: each is left its part of them.
  private mutating func allow(percent: Int) async {
    await ledger.allow(percent: percent)
    discovery = PlanDiscovery(ledger, worthwhile: Thoroughness.worthwhile)
  }

  /// Looks for what is missing for a budget, then for what would stand in for each of the large indexes chosen: there two
  /// good choices differ most.
  private mutating func explore(
    _ budget: Int64?, _ progress: @Sendable (SearchProgress) -> Void
  ) async throws(TuningError) {
    try await converge(budget, progress)
    let sizes = ledger.problem.sizes
    for _ in 0..<Thoroughness.diversions where !ledger.patience.isOver {
      guard await ledger.mayExplore(upTo: Thoroughness.questionsForDiversions) else { break }
      let solution = try await settle(budget, exploring)
      let asked = await ledger.prices.askedCount
      let largest = solution.configuration.members.sorted { (sizes[$0], $0) > (sizes[$1], $1) }
      let others = await replacements(of: Array(largest.prefix(Thoroughness.replaced)), budget)
        .filter { $0.load < solution.load * 1.2 }
      try await discovery.explore(around: others.map { ($0.configuration, $0.priceOfByte) }, waves: 2)
      if await ledger.prices.askedCount == asked { break }
      try await converge(budget, progress)
    }
  }

  /// Solves, asks for plans that the prices of the solution make worthwhile, and again, until that brings nothing.
  private mutating func converge(
    _ budget: Int64?, _ progress: @Sendable (SearchProgress) -> Void
  ) async throws(TuningError) {
    let pricing = PlanPricing(ledger, worthwhile: Thoroughness.worthwhile / 2)
    var (last, stale) = (Double.infinity, 0)
    for _ in 0..<Thoroughness.rounds where !ledger.patience.isOver {
      guard await ledger.mayExplore() else { break }
      var solution = try await settle(budget, exploring)
      await report(solution, progress)
      for _ in 0..<Thoroughness.exchanges {
        let before = await ledger.prices.askedCount
        try await discovery.exploreSubstitutes(in: solution.configuration)
        guard await ledger.prices.askedCount > before else { break }
        let next = try await settle(budget, exploring)
        let gained = next.load < solution.load * (1 - Thoroughness.progress)
        solution = next
        if !gained { break }
      }
      let asked = await ledger.prices.askedCount
      try await pricing.dive(at: solution.prices, within: budget, waves: 4)
      let beside = IndexPrices(
        beside: solution.configuration, priceOfByte: solution.priceOfByte,
        values: await discovery.knownLoads(with: solution.configuration), ledger.problem, lowest: ledger.lowestLoad)
      try await pricing.dive(at: beside, within: budget, waves: 4)
      try await discovery.explore(
        around: [(solution.configuration, solution.priceOfByte)], waves: 3)
      try await discovery.exploreSubstitutes(in: solution.configuration)
      if solution.load > last * (1 - Thoroughness.progress) { stale += 1 } else { stale = 0 }
      last = min(last, solution.load)
      if await ledger.prices.askedCount == asked || stale == 2 { break }
    }
  }

  private var exploring: SolvingEffort { .exploring(ledger.problem.loads.count) }

  private var total: Double { max(ledger.totalLoad, .leastNormalMagnitude) }

  /// The same plans under smaller budgets: what is remembered answers without asking.
  private mutating func drawFront() async {
    guard !ledger.patience.isOver else { return }
    let whole = await solve(ledger.settings.storageBudget, .drawing)
    let bytes = ledger.settings.storageBudget ?? ledger.bytes(of: whole.configuration)
    for divisor: Int64 in [64, 32, 16, 8, 4, 2] { _ = await solve(bytes / divisor, .drawing) }
  }

  // MARK: - The master program

  /// Solves over plans that are derived as well; what the choice is built on is asked, until the planner agrees.
  private mutating func settle(
    _ budget: Int64?, _ effort: SolvingEffort, without forbidden: Set<Int> = []
  ) async throws(TuningError) -> PlanSolution {
    guard !ledger.patience.isOver else { return await solve(budget, effort, without: forbidden) }
    var solution = await solve(budget, effort, without: forbidden, derives: true)
    var again = exploring
    again.nodes = effort.nodes / Thoroughness.confirmingPart
    for _ in 0..<Thoroughness.confirmations where !ledger.patience.isOver {
      let known = await discovery.knownLoads(with: solution.configuration)
      let doubtful = known.indices.filter { known[$0] > solution.loads[$0] + ledger.totalLoad * 1e-6 }
      guard !doubtful.isEmpty else {
        await note(solution.configuration, solution.load)
        return solution
      }
      try await discovery.ask(doubtful, with: solution.configuration)
      solution = await solve(budget, again, without: forbidden, derives: true)
    }
    return await solve(budget, effort, without: forbidden)
  }

  private mutating func solve(
    _ budget: Int64?, _ effort: SolvingEffort, without forbidden: Set<Int> = [], derives: Bool = false
  ) async -> PlanSolution {
    let solution = await solved(budget, effort, without: forbidden, derives: derives)
    for (slot, price) in solution.multipliers { multipliers[slot] = price }
    remember(solution.configuration)
    // Of what is derived the planner has not been asked.
    if !derives { await note(solution.configuration, solution.load) }
    return solution
  }

  /// What would be built if each of some indexes could not be; on as many cores as there are.
  private mutating func replacements(of members: [Int], _ budget: Int64?) async -> [PlanSolution] {
    let search = self
    let found = await withTaskGroup(of: (member: Int, solution: PlanSolution).self) { group in
      for member in members {
        group.addTask { (member, await search.solved(budget, .replacing, without: [member], derives: true)) }
      }
      return await group.reduce(into: [Int: PlanSolution]()) { $0[$1.member] = $1.solution }
    }
    let solutions = members.compactMap { found[$0] }
    for solution in solutions { remember(solution.configuration) }
    return solutions
  }

  private func solved(_ budget: Int64?, _ effort: SolvingEffort, without forbidden: Set<Int>, derives: Bool) async
    -> PlanSolution
  {
    let program = await program(budget, without: forbidden, derives: derives)
    let width = ledger.problem.candidates.count
    let slots = program.slotIndex.indices.map {
      program.slotQuery[$0] * width + program.candidates[program.slotIndex[$0]]
    }
    let solved = await BranchAndBound(program, effort, until: ledger.patience).solution(
      startingFrom: beginnings(budget), multipliers: slots.map { multipliers[$0] ?? 0 })
    return PlanSolution(of: program, solved, slots: slots, ledger)
  }

  private mutating func note(_ configuration: IndexSet, _ load: Double) async {
    let found = point(configuration, load)
    path.append(found)
    convergence.note(found, after: await ledger.prices.planningCalls)
  }

  private func point(_ configuration: IndexSet, _ load: Double) -> FrontPoint {
    FrontPoint(
      bytes: ledger.bytes(of: configuration), relativeLoad: load / total, indexCount: configuration.count)
  }

  /// What was found before and fits, and a few that have to be cut back.
  private func beginnings(_ budget: Int64?) -> [IndexSet] {
    let fitting = starts.filter { configuration in budget.map { ledger.bytes(of: configuration) <= $0 } ?? true }
    return fitting.suffix(Thoroughness.beginnings) + starts.suffix(4).filter { !fitting.contains($0) }
  }

  private func program(_ budget: Int64?, without forbidden: Set<Int>, derives: Bool = false) async -> MasterProgram {
    let problem = ledger.problem
    let known = await ledger.prices.knownPlans(deriving: derives ? ledger.standIns : nil)
    let plans = known.enumerated().map { query, own in
      own.filter { plan in forbidden.isEmpty || plan.used.members.allSatisfy { !forbidden.contains($0) } }
        .map { plan in (needs: plan.used, load: problem.loads[query] * plan.cost / problem.baseCosts[query]) }
    }
    return MasterProgram(
      plans: plans, bytes: { problem.sizes[$0] }, upkeep: { problem.writeLoads[$0] }, budget: budget,
      maximumIndexes: ledger.settings.maximumIndexes)
  }

  private func report(_ solution: PlanSolution, _ progress: @Sendable (SearchProgress) -> Void) async {
    let (chosen, calls) = (solution.configuration.count, await ledger.prices.planningCalls)
    progress(SearchProgress(chosen: chosen, relativeLoad: solution.load / total, planningCalls: calls))
  }

  // MARK: - The answer for one budget

  private struct Answer {
    var configuration = IndexSet()
    var load: Double
  }

  private mutating func answer(within budget: Int64?) async throws(TuningError) -> Answer {
    var best = Answer(load: ledger.totalLoad)
    var forbidden: Set<Int> = []
    for _ in 0..<Thoroughness.repairs {
      let solution = try await settle(budget, .answering, without: forbidden)
      let asked = await ledger.prices.askedCount
      let polish = try await PlanPolish(ledger).polished(solution.configuration)
      let isBetter = polish.load < best.load * (1 - 1e-6)
      if isBetter { (best.configuration, best.load) = (polish.configuration, polish.load) }
      if ledger.patience.isOver { break }
      guard await ledger.mayExplore(upTo: Thoroughness.questionsForDiversions) else { break }
      remember(polish.configuration)
      // What thresholds refuse would be chosen again.
      let isNew = ledger.settings.hasThresholds && !polish.refused.isSubset(of: forbidden)
      if isNew { forbidden.formUnion(polish.refused) }
      try await discovery.explore(
        around: [(polish.configuration, solution.priceOfByte)], waves: Thoroughness.waves)
      try await discovery.exploreSubstitutes(in: polish.configuration)
      let hasAsked = await ledger.prices.askedCount > asked
      if !isNew && !(isBetter && hasAsked) { break }
    }
    return best
  }

  private mutating func remember(_ configuration: IndexSet) {
    starts.removeAll { $0 == configuration }
    starts.append(configuration)
    if starts.count > 60 { starts.removeFirst() }
  }
}
