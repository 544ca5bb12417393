// What a master program came to, in terms of candidates and statements.

/// A choice of plans, and the prices under which others would be worth knowing.
struct PlanSolution: Sendable {
  let configuration: IndexSet
  let load: Double
  let bound: Double
  let priceOfByte: Double
  let prices: IndexPrices
  /// What the program says of each statement.
  let loads: [Double]
  /// By statement and candidate.
  let multipliers: [(slot: Int, price: Double)]

  /// - Parameter slots: by slot of the program, statement and candidate.
  init<Model: CostModel>(
    of program: MasterProgram, _ solved: MasterSolution, slots: [Int], _ ledger: Ledger<Model>
  ) {
    configuration = solved.selection.configuration(in: program)
    (load, bound, priceOfByte) = (solved.selection.load, solved.bound, solved.priceOfByte)
    prices = IndexPrices(program, solved, ledger.problem, lowest: ledger.lowestLoad)
    loads = solved.selection.serving.map { program.planLoad[$0] }
    multipliers = zip(slots, solved.multipliers).map { (slot: $0, price: $1) }
  }
}
