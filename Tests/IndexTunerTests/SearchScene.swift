// Random workloads as price tables: what every strategy is tried on.

import IndexTuner

/// A random problem: some plans need one candidate, some several; more candidates never make a query dearer, unless the
/// planner is said to be perverse.
struct SearchScene {
  let table: PriceTable
  let problem: SearchProblem

  init(seed: UInt64, candidates: ClosedRange<Int> = 1...14, queries: ClosedRange<Int> = 1...8, hasWrites: Bool = false)
  {
    var numbers = SeededNumbers(seed: seed)
    let candidateCount = Int.random(in: candidates, using: &numbers)
    let queryCount = Int.random(in: queries, using: &numbers)
    var plans: [[(needs: IndexSet, cost: Double)]] = []
    var relevant: [IndexSet] = []
    for _ in 0..<queryCount {
      let base = Double.random(in: 10...100_000, using: &numbers)
      var own: [(needs: IndexSet, cost: Double)] = [(IndexSet(), base)]
      var mine = IndexSet()
      for _ in 0..<Int.random(in: 0...5, using: &numbers) {
        let needs = IndexSet(
          (0..<Int.random(in: 1...2, using: &numbers)).map { _ in Int.random(in: 0..<candidateCount, using: &numbers)
          })
        own.append((needs, base * Double.random(in: 0.001...1.1, using: &numbers)))
        mine = mine.union(needs)
      }
      plans.append(own)
      relevant.append(mine)
    }
    let bytes = (0..<candidateCount).map { _ in Int64.random(in: 8_192...50_000_000, using: &numbers) }
    table = PriceTable(plans: plans, bytes: bytes)
    let base = plans.map { $0[0].cost }
    let writes = (0..<candidateCount).map { _ in hasWrites ? Double.random(in: 0...20_000, using: &numbers) : 0 }
    problem = SearchProblem(
      candidates: (0..<candidateCount).map {
        IndexDefinition(
          table: UInt32($0 % 3), schema: "public", tableName: "t\($0 % 3)", keys: [.init("c\($0)")])
      }, sizes: bytes, writeLoads: writes, loads: base, baseCosts: base,
      relevant: relevant, tableBytes: [0: 100_000_000, 1: 10_000_000, 2: 1_000_000])
  }

  func search(
    _ settings: SearchSettings, by strategy: any SearchStrategy = PlanChoice(), until patience: Patience = Patience()
  ) async throws -> SearchOutcome {
    let base = problem.baseCosts.map { Price(cost: $0, used: IndexSet(), variantCosts: [$0]) }
    return try await strategy.choose(
      for: problem, within: settings, pricedBy: RememberedPrices(table, relevant: problem.relevant, base: base),
      until: patience, reporting: { _ in })
  }

  func bytes(of chosen: [Int]) -> Int64 { chosen.reduce(0) { $0 + problem.sizes[$1] } }

  /// True load with the upkeep of the indexes.
  func load(with chosen: IndexSet) -> Double {
    table.cost(of: 0..<problem.loads.count, with: chosen) + chosen.members.reduce(0) { $0 + problem.writeLoads[$1] }
  }

  /// The best there is, by trying everything.
  func bestLoad(within budget: Int64, atMost count: Int = .max) -> Double {
    var best = load(with: IndexSet())
    for mask in 0..<(1 << problem.candidates.count) {
      let chosen = problem.candidates.indices.filter { mask & (1 << $0) != 0 }
      if chosen.count <= count && bytes(of: chosen) <= budget { best = min(best, load(with: IndexSet(chosen))) }
    }
    return best
  }
}
