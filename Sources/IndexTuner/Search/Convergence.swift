// How a search got better: for each budget, what was left of the load after so many questions.

/// The best choice known for a budget at some moment of the search.
package struct ConvergencePoint: Sendable, Equatable {
  /// Bytes; nil where the disk is no bound.
  package var budget: Int64?
  /// What the optimizer was asked until then: EXPLAINs.
  package var planningCalls: Int
  package var found: FrontPoint

  package init(budget: Int64?, planningCalls: Int, found: FrontPoint) {
    self.budget = budget
    self.planningCalls = planningCalls
    self.found = found
  }
}

/// Keeps a point whenever a choice is better than all before it that fit the same budget. It counts questions, not
/// seconds: the same input gives the same points.
struct Convergence {
  private(set) var points: [ConvergencePoint] = []
  private let budgets: [Int64?]
  private var best: [Double]

  init(within budgets: [Int64?]) {
    self.budgets = budgets
    best = budgets.map { _ in 1 }
  }

  /// What remembered plans promise a choice, thresholds not looked at.
  mutating func note(_ found: FrontPoint, after planningCalls: Int) {
    for (place, budget) in budgets.enumerated() {
      guard found.bytes <= budget ?? .max, found.relativeLoad < best[place] - Thoroughness.worthwhile else { continue }
      best[place] = found.relativeLoad
      points.append(ConvergencePoint(budget: budget, planningCalls: planningCalls, found: found))
    }
  }

  /// The answer for a budget, its last point: after thresholds, priced by the planner as it stands. It may be worse than the
  /// point before.
  mutating func close(_ budget: Int64?, with answer: FrontPoint, after planningCalls: Int) {
    for place in budgets.indices where budgets[place] == budget { best[place] = -.infinity }
    guard points.last(where: { $0.budget == budget })?.found != answer else { return }
    points.append(ConvergencePoint(budget: budget, planningCalls: planningCalls, found: answer))
  }
}
