// Solves a master program: a good choice at once, then a proof or a better one, within a number of nodes.

/// What a master program came to.
struct MasterSolution: Sendable {
  var selection: MasterSelection
  /// No choice over the same plans weighs less.
  var bound: Double
  /// What one more byte of budget would save.
  var priceOfByte: Double
  /// At the relaxation's best bound: the price of each slot, and what is left to pay of each index.
  var multipliers: [Double]
  var reducedCost: [Double]
}

/// How far a master program is solved.
struct SolvingEffort: Sendable {
  var nodes: Int
  /// Of the subgradient, at the root and at each further node.
  var rootSteps: Int
  var nodeSteps: Int
  /// Earlier configurations from which local steps begin.
  var starts: Int
  /// Share of the load below which nothing better is looked for.
  var tolerance: Double
}

/// Depth-first branch and bound on "is this index built?", warm-started and bounded by `LagrangianBound`. Deterministic:
/// bounded by nodes, not by time.
struct BranchAndBound {
  private let program: MasterProgram
  private let effort: SolvingEffort
  private let patience: Patience

  init(_ program: MasterProgram, _ effort: SolvingEffort, until patience: Patience = Patience()) {
    self.program = program
    self.effort = effort
    self.patience = patience
  }

  private struct Node {
    var fixings: [LagrangianBound.Fixing]
    var multipliers: LagrangianBound
    var bound: Double
  }

  /// - Parameters:
  ///   - starts: configurations to begin with; what does not fit is cut back.
  ///   - multipliers: those of a similar program, by slot.
  func solution(startingFrom starts: [IndexSet] = [], multipliers: [Double]? = nil) async -> MasterSolution {
    let improvement = MasterImprovement(program)
    var begun = ([IndexSet()] + starts).map { improvement.selection(of: $0) }
    begun.sort { $0.load != $1.load ? $0.load < $1.load : $0.bytes < $1.bytes }
    var best = begun[0]
    for candidate in await improvement.improved(Array(begun.prefix(effort.starts))) {
      if Self.isBetter(candidate, than: best) { best = candidate }
    }
    guard program.indexCount > 0 else {
      return MasterSolution(
        selection: best, bound: best.load, priceOfByte: 0, multipliers: [], reducedCost: [])
    }
    var relaxation = LagrangianBound(program, multipliers: multipliers)
    var root = Node(
      fixings: Array(repeating: .open, count: program.indexCount), multipliers: relaxation, bound: -.infinity)
    relaxation.raise(steps: effort.rootSteps, ceiling: best.load, fixings: root.fixings)
    root.multipliers = relaxation
    root.bound = relaxation.value
    var rounded: Set<[Int]> = []
    take(rounding(of: relaxation, improvement, best, rounded), &best, &rounded)
    var open = [root]
    var looked = 0
    // The least bound of what was given up because no more than the tolerance could be left in it.
    var givenUp = Double.infinity
    while let node = open.popLast() {
      if node.bound >= best.load * (1 - effort.tolerance) {
        givenUp = min(givenUp, node.bound)
        continue
      }
      if looked == effort.nodes || patience.isOver {
        open.append(node)
        break
      }
      looked += 1
      open += await children(of: node, improvement, &best, &rounded, &givenUp)
    }
    let bound = open.reduce(min(best.load, givenUp)) { min($0, $1.bound) }
    return MasterSolution(
      selection: best, bound: bound, priceOfByte: relaxation.priceOfByte, multipliers: relaxation.multipliers,
      reducedCost: relaxation.reducedCost)
  }

  private static let roundings = 12

  private static func isBetter(_ one: MasterSelection, than other: MasterSelection) -> Bool {
    one.load < other.load - abs(other.load) * 1e-9
      || (one.load <= other.load + abs(other.load) * 1e-9 && one.bytes < other.bytes)
  }

  /// Both ways for the index on which statements and knapsack disagree most, the likelier last, as it is taken first.
  private func children(
    of node: Node, _ improvement: MasterImprovement, _ best: inout MasterSelection, _ rounded: inout Set<[Int]>,
    _ givenUp: inout Double
  ) async -> [Node] {
    var fixings = node.fixings
    let taken = node.multipliers.taken
    // What would cost more than is left between bound and best cannot change any more.
    let slack = best.load - node.multipliers.value
    for index in fixings.indices where fixings[index] == .open {
      let cost = node.multipliers.reducedCost[index]
      if taken[index] == 0 && cost > slack { fixings[index] = .leftOut }
      if taken[index] == 1 && -cost > slack { fixings[index] = .built }
    }
    let doubts = node.multipliers.disagreement()
    var branch: Int?
    for index in fixings.indices where fixings[index] == .open {
      if let other = branch, doubts[index] <= doubts[other] { continue }
      branch = index
    }
    guard let branch else {
      consider(fixings.indices.filter { fixings[$0] == .built }, &best)
      return []
    }
    var twins = [node, node]
    for place in twins.indices {
      twins[place].fixings = fixings
      twins[place].fixings[branch] = (taken[branch] >= 0.5) == (place == 0) ? .leftOut : .built
    }
    // Both are looked at at once, as if the first would not change the best; where it does, the second is looked at again.
    let (present, known, first, second) = (best, rounded, twins[0], twins[1])
    async let other = looked(at: second, improvement, present, known)
    var looks = [looked(at: first, improvement, present, known), await other]
    var children: [Node] = []
    for place in looks.indices {
      if best != present { looks[place] = looked(at: twins[place], improvement, best, rounded) }
      guard looks[place].node.bound < best.load * (1 - effort.tolerance) else {
        givenUp = min(givenUp, looks[place].node.bound)
        continue
      }
      take(looks[place].rounding, &best, &rounded)
      children.append(looks[place].node)
    }
    return children
  }

  /// A node with its own bound, and what its relaxation suggests where it is not closed.
  private struct Look {
    var node: Node
    var rounding: Rounding?
  }

  private func looked(
    at start: Node, _ improvement: MasterImprovement, _ best: MasterSelection, _ rounded: Set<[Int]>
  ) -> Look {
    var node = start
    node.multipliers.raise(steps: effort.nodeSteps, ceiling: best.load, fixings: node.fixings)
    node.bound = max(node.bound, node.multipliers.value)
    guard node.bound < best.load * (1 - effort.tolerance) else { return Look(node: node) }
    return Look(node: node, rounding: rounding(of: node.multipliers, improvement, best, rounded))
  }

  private func consider(_ built: [Int], _ best: inout MasterSelection) {
    var selection = MasterSelection(in: program)
    selection.toggle(built, in: program)
    if selection.fits(program), Self.isBetter(selection, than: best) { best = selection }
  }

  private struct Rounding {
    /// What the knapsack takes at least half of.
    var wanted: [Int]
    /// Cut back to what fits.
    var selection: MasterSelection
    /// Where that could make it the best.
    var improved: MasterSelection?
  }

  private func rounding(
    of relaxation: LagrangianBound, _ improvement: MasterImprovement, _ best: MasterSelection, _ rounded: Set<[Int]>
  ) -> Rounding? {
    let wanted = program.candidates.indices.filter { relaxation.taken[$0] >= 0.5 }
    guard !rounded.contains(wanted) else { return nil }
    var selection = MasterSelection(in: program)
    selection.toggle(wanted, in: program)
    selection = improvement.cutBack(selection)
    let isWorthwhile = isWorthwhile(selection, beside: best, after: rounded.count + 1)
    return Rounding(
      wanted: wanted, selection: selection, improved: isWorthwhile ? improvement.improved(selection) : nil)
  }

  private func isWorthwhile(_ selection: MasterSelection, beside best: MasterSelection, after count: Int) -> Bool {
    count < 3 || (count < Self.roundings && selection.load < best.load * 1.005)
  }

  private func take(_ rounding: Rounding?, _ best: inout MasterSelection, _ rounded: inout Set<[Int]>) {
    guard let rounding, rounded.insert(rounding.wanted).inserted,
      isWorthwhile(rounding.selection, beside: best, after: rounded.count), let candidate = rounding.improved
    else { return }
    if Self.isBetter(candidate, than: best) { best = candidate }
  }
}
