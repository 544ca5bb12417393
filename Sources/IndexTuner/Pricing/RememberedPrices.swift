// Answers already paid for, and answers that follow from them without asking.

/// A cost model's memory: what the search asks, answered from remembered plans wherever that is exact.
///
/// A plan priced with the candidates S visible that used only U stays the planner's choice for every configuration C
/// with U ⊆ C ⊆ S: fewer alternatives, and the chosen ones still there. So its cost is C's cost. The same idea as
/// INUM's and Wii's derived costs (https://www.vldb.org/conf/2007/papers/research/p1093-papadomanolakis.pdf), kept to
/// the case in which it is exact for a planner that chooses by cost.
package final actor RememberedPrices<Model: CostModel> {
  private struct Remembered {
    let visible: IndexSet
    let price: Price
  }

  private let model: Model
  private let relevant: [IndexSet]
  private let limits: Limits
  private var plans: [[Remembered]]
  /// Candidates that some plan uses.
  package private(set) var popular = IndexSet()
  /// By statement, what was told last, and what it depends on.
  private var told: [Int: (mark: [Int], plans: [(used: IndexSet, cost: Double)])] = [:]
  /// Statements priced by asking the planner.
  package private(set) var askedCount = 0
  /// EXPLAINs of the run: a statement with parameters has several variants, and each was planned once before the search.
  package var planningCalls: Int { model.planningCalls }
  /// Statements priced from memory.
  package private(set) var rememberedCount = 0
  /// Requests to which the planner gave no answer.
  package private(set) var unansweredCount = 0

  /// `relevant[query]`: the candidates that could matter to the statement; others are taken out of every request.
  /// `base[query]`: its price with the real indexes only.
  package init(_ model: Model, relevant: [IndexSet], base: [Price], limits: Limits = Limits()) {
    self.model = model
    self.relevant = relevant
    self.limits = limits
    self.plans = base.map { [Remembered(visible: IndexSet(), price: $0)] }
  }

  /// One answer for each request, in order; nil where the planner gave none or the deadline came first.
  /// - Parameter tolerance: what need not be told apart; where memory is as near as that, nothing is asked.
  package func prices(
    _ requests: [PriceRequest], within tolerance: PriceTolerance? = nil, until patience: Patience = Patience()
  ) async throws(TuningError) -> [Price?] {
    var answers = [Price?](repeating: nil, count: requests.count)
    var open: [PriceRequest] = []
    var places: [PriceRequest: [Int]] = [:]
    for (place, request) in requests.enumerated() {
      let reduced = reduce(request)
      if let known = lookUp(reduced, within: tolerance) {
        answers[place] = known
        rememberedCount += 1
      } else {
        if places[reduced] == nil { open.append(reduced) }
        places[reduced, default: []].append(place)
      }
    }
    guard !open.isEmpty else { return answers }
    let fresh = try await model.prices(open, until: patience)
    for (request, price) in zip(open, fresh) {
      if let price {
        remember(price, for: request)
        askedCount += 1
      } else {
        unansweredCount += 1
      }
      for place in places[request] ?? [] { answers[place] = price }
    }
    return answers
  }

  /// The cheapest remembered plan of the statement: no configuration is known to do better.
  package func lowestKnown(of query: Int) -> Price? { plans[query].map(\.price).min { $0.cost < $1.cost } }

  /// The cheapest remembered plan that needs no candidate outside `indexes`: the true cost is at most about this.
  package func upperBound(of query: Int, with indexes: IndexSet) -> Double? {
    plans[query].lazy.filter { $0.price.used.isSubset(of: indexes) }.map(\.price.cost).min()
  }

  /// All that known plans of the statement use.
  func used(by query: Int) -> IndexSet { plans[query].reduce(IndexSet()) { $0.union($1.price.used) } }

  /// What memory alone says of each request: the exact price, or the cheapest known plan that needs nothing else.
  package func known(_ requests: [PriceRequest]) -> [Price?] {
    requests.map { request in
      let reduced = reduce(request)
      if let exact = lookUp(reduced) { return exact }
      return plans[reduced.query].map(\.price).filter { $0.used.isSubset(of: reduced.indexes) }
        .min { $0.cost < $1.cost }
    }
  }

  /// Everything known, by statement: which indexes a plan uses, and its cost. Plans that use the same are told once, at
  /// the lowest cost.
  /// - Parameter standIns: what plans are derived with that nobody asked for. Such a one costs no less than any plan that
  ///   was chosen where all that it uses was visible.
  func knownPlans(deriving standIns: StandIns? = nil) -> [[(used: IndexSet, cost: Double)]] {
    plans.indices.map { query in
      let mark = [plans[query].count, standIns == nil ? -1 : popular.count]
      if let known = told[query], known.mark == mark { return known.plans }
      var lowest: [IndexSet: Double] = [:]
      for plan in plans[query] { lowest[plan.price.used] = min(lowest[plan.price.used] ?? .infinity, plan.price.cost) }
      if let standIns { derive(&lowest, of: query, by: standIns) }
      let all = lowest.map { (used: $0.key, cost: $0.value) }
        .sorted { $0.used.members.lexicographicallyPrecedes($1.used.members) }
      told[query] = (mark, all)
      return all
    }
  }

  private func derive(_ lowest: inout [IndexSet: Double], of query: Int, by standIns: StandIns) {
    let base = plans[query][0].price.cost
    let asked = lowest.filter { !$0.key.isEmpty && $0.value < base }
      .sorted { $0.value != $1.value ? $0.value < $1.value : $0.key.members.lexicographicallyPrecedes($1.key.members) }
    for (used, cost) in asked.prefix(standIns.plans) {
      for member in used.members {
        let others = standIns.others(than: member, for: relevant[query], popular: popular)
        for (other, price) in others where !used.contains(other) {
          let derived = used.removing(member).adding(other)
          if let known = lowest[derived], known <= cost { continue }
          let least = plans[query].reduce(cost + (base - cost) * price) { least, plan in
            derived.isSubset(of: plan.visible) ? max(least, plan.price.cost) : least
          }
          if least < lowest[derived] ?? base { lowest[derived] = least }
        }
      }
    }
  }

  private func reduce(_ request: PriceRequest) -> PriceRequest {
    let mine = relevant[request.query]
    return PriceRequest(query: request.query, indexes: request.indexes.intersection(mine))
  }

  /// A plan that needs nothing else bounds the price from above, and one that was chosen from all that and more bounds it from
  /// below.
  private func lookUp(_ request: PriceRequest, within tolerance: PriceTolerance? = nil) -> Price? {
    var least: Price?
    var bound = tolerance?.lowest[request.query] ?? 0
    for plan in plans[request.query] {
      let isPossible = plan.price.used.isSubset(of: request.indexes)
      let isBound = request.indexes.isSubset(of: plan.visible)
      if isPossible && isBound { return plan.price }
      if isPossible && plan.price.cost < least?.cost ?? .infinity { least = plan.price }
      if isBound { bound = max(bound, plan.price.cost) }
    }
    guard let tolerance, let least, least.cost - bound < tolerance.difference[request.query] else { return nil }
    return least
  }

  private func remember(_ price: Price, for request: PriceRequest) {
    guard plans[request.query].count < limits.rememberedPlans else { return }
    if !price.used.isSubset(of: popular) { popular = popular.union(price.used) }
    plans[request.query].append(Remembered(visible: request.indexes, price: price))
  }
}
