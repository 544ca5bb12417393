// A cost model without a server: plans with their costs, and a planner that picks the cheapest it is allowed to use.

import IndexTuner
import Synchronization

/// For each query, plans as (candidates needed, cost); the first needs none.
final class PriceTable: CostModel {
  let plans: [[(needs: IndexSet, cost: Double)]]
  let bytes: [Int64]
  private let calls = Mutex<Int>(0)

  init(plans: [[(needs: IndexSet, cost: Double)]], bytes: [Int64]) {
    self.plans = plans
    self.bytes = bytes
  }

  var callCount: Int { calls.withLock { $0 } }
  var planningCalls: Int { callCount }

  func prices(_ requests: [PriceRequest], until patience: Patience) async throws(TuningError) -> [Price?] {
    requests.map { request in
      if patience.isOver { return nil }
      calls.withLock { $0 += 1 }
      return price(request.query, request.indexes)
    }
  }

  func sizes() async throws(TuningError) -> [Result<Int64, CandidateRefusal>] { bytes.map { .success($0) } }

  func price(_ query: Int, _ indexes: IndexSet) -> Price {
    var best: (needs: IndexSet, cost: Double) = (IndexSet(), .infinity)
    for plan in plans[query] where plan.needs.isSubset(of: indexes) && plan.cost < best.cost { best = plan }
    return Price(cost: best.cost, used: best.needs, variantCosts: [best.cost])
  }

  func cost(of queries: Range<Int>, with indexes: IndexSet) -> Double {
    queries.reduce(0) { $0 + price($1, indexes).cost }
  }
}
