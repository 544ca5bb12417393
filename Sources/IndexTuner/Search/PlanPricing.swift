// Looks for plans that are worth their indexes' prices.

/// The pricing step of column generation: a plan is worth knowing if its load and its indexes' prices together are less
/// than what its statement has. An index whose price alone is more than a statement could gain is not shown to the planner:
/// fewer questions, and quicker ones.
struct PlanPricing<Model: CostModel> {
  private let ledger: Ledger<Model>
  /// Load below which a saving is not looked for.
  private let worthwhile: Double

  init(_ ledger: Ledger<Model>, worthwhile: Double) {
    self.ledger = ledger
    self.worthwhile = worthwhile * ledger.totalLoad
  }

  /// Plans each statement with all that may pay for itself; while that promises something, what costs most is taken away,
  /// first what is as wide, then all that begins like it.
  func dive(at prices: IndexPrices, within budget: Int64?, waves: Int) async throws(TuningError) {
    let problem = ledger.problem
    let shown = await ledger.shown()
    let tolerance = ledger.tolerance(of: worthwhile)
    var active = problem.relevant.indices.compactMap { query -> Dive? in
      guard prices.values[query] - ledger.lowestLoad[query] > worthwhile else { return nil }
      let fitting = shown[query].filter { problem.sizes[$0] <= budget ?? .max }
      return Dive(query: query, best: prices.values[query], bound: ledger.lowestLoad[query], visible: fitting)
    }
    for _ in 0..<waves where !active.isEmpty {
      guard await ledger.mayExplore() else { break }
      for place in active.indices {
        let (query, rest) = (active[place].query, active[place].best - active[place].bound)
        active[place].visible = active[place].visible.filter { prices.price(of: $0, for: query) < rest }
      }
      let answers = try await ledger.prices.prices(
        active.map { PriceRequest(query: $0.query, indexes: $0.visible) }, within: tolerance, until: ledger.patience)
      for (place, answer) in answers.enumerated() { step(&active[place], answer, prices, budget ?? .max) }
      active.removeAll { !$0.isOpen }
    }
  }

  private struct Dive {
    let query: Int
    var best: Double
    /// No plan with what is visible is below it.
    var bound: Double
    var visible: IndexSet
    var depth = 0
    var isOpen = true
  }

  private func step(_ dive: inout Dive, _ answer: Price?, _ prices: IndexPrices, _ budget: Int64) {
    dive.isOpen = false
    guard let answer else { return }
    let problem = ledger.problem
    dive.bound = max(dive.bound, problem.loads[dive.query] * answer.cost / problem.baseCosts[dive.query])
    let priced = answer.used.members.map { (member: $0, price: prices.price(of: $0, for: dive.query)) }
    if ledger.bytes(of: answer.used) <= budget {
      dive.best = min(dive.best, dive.bound + priced.reduce(0) { $0 + $1.price })
    }
    guard dive.bound < dive.best - worthwhile,
      let dearest = priced.max(by: { ($0.price, $0.member) < ($1.price, $1.member) }), dearest.price > 0,
      !ledger.isTrifle(dearest.member)
    else { return }
    let (candidates, sizes) = (problem.candidates, problem.sizes)
    let isWhole = dive.depth % 2 == 1
    dive.visible = dive.visible.filter { other in
      let isFamily =
        candidates[other].table == candidates[dearest.member].table
        && candidates[other].keys.first == candidates[dearest.member].keys.first
      return !isFamily || (!isWhole && sizes[other] < sizes[dearest.member])
    }
    dive.depth += 1
    dive.isOpen = true
  }
}
