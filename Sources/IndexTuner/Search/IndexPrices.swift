// What each index costs each statement at the margin: the multipliers of the relaxation, and a share of what is left.

/// Prices under which a plan is worth knowing: one whose load and prices together are less than what its statement has.
struct IndexPrices {
  /// By statement, what an index costs that a known plan of it needs.
  private var known: [[Int: Double]]
  /// By candidate, what statements without such a plan would have to pay together.
  private var rest: [Double]
  /// By candidate, how much the statements that share `rest` could gain together.
  private var reach: [Double]
  private var gaps: [Double]
  /// What each statement pays today: the least of load and prices over its known plans.
  let values: [Double]

  /// - Parameter lowest: loads that no plan of each statement is below.
  init(_ program: MasterProgram, _ solution: MasterSolution, _ problem: SearchProblem, lowest: [Double]) {
    known = Array(repeating: [:], count: program.queryCount)
    for (slot, price) in solution.multipliers.enumerated() {
      known[program.slotQuery[slot]][program.candidates[program.slotIndex[slot]]] = price
    }
    rest = problem.candidates.indices.map {
      problem.writeLoads[$0] + solution.priceOfByte * Double(problem.sizes[$0])
    }
    for (index, cost) in solution.reducedCost.enumerated() { rest[program.candidates[index]] = max(0, cost) }
    values = (0..<program.queryCount).map { query in
      (program.firstPlan[query]..<program.firstPlan[query + 1]).reduce(Double.infinity) { least, plan in
        let prices = program.needed[program.firstNeed[plan]..<program.firstNeed[plan + 1]].reduce(0) {
          $0 + solution.multipliers[$1]
        }
        return min(least, program.planLoad[plan] + prices)
      }
    }
    gaps = zip(values, lowest).map { max(0, $0 - $1) }
    reach = Array(repeating: 0, count: problem.candidates.count)
    share(among: problem)
  }

  /// Prices beside a configuration that is there already: its own indexes are free.
  init(
    beside configuration: IndexSet, priceOfByte: Double, values: [Double], _ problem: SearchProblem, lowest: [Double]
  ) {
    known = Array(
      repeating: Dictionary(uniqueKeysWithValues: configuration.members.map { ($0, 0) }), count: values.count)
    rest = problem.candidates.indices.map { problem.writeLoads[$0] + priceOfByte * Double(problem.sizes[$0]) }
    self.values = values
    gaps = zip(values, lowest).map { max(0, $0 - $1) }
    reach = Array(repeating: 0, count: problem.candidates.count)
    share(among: problem)
  }

  private mutating func share(among problem: SearchProblem) {
    for (query, relevant) in problem.relevant.enumerated() where gaps[query] > 0 {
      for member in relevant.members where known[query][member] == nil { reach[member] += gaps[query] }
    }
  }

  func price(of member: Int, for query: Int) -> Double {
    known[query][member] ?? (reach[member] > 0 ? rest[member] * gaps[query] / reach[member] : rest[member])
  }
}
