// Which budgets a search by plan choice looks around at, and what its settings mean for it.

extension SearchSettings {
  /// The budgets that are answered for, the main one first.
  var asked: [Int64?] { [storageBudget] + otherBudgets }

  /// The budgets to look around at: those asked about, then smaller and larger ones, as what is found for one serves
  /// another.
  var ladder: (asked: [Int64?], further: [Int64?]) {
    guard let storageBudget else { return ([nil], []) }
    let asked = ([storageBudget] + otherBudgets).sorted()
    return (asked, asked.flatMap { budget in [0.8, 1.3].map { Int64(min(Double(budget) * $0, 9e18)) } })
  }

  /// Some indexes may be refused although the workload would gain.
  var hasThresholds: Bool { exchangeRate > 0 || minimumImprovement > 0 || minimumShare > 0 }

  /// What saves something may all the same not be worth its space.
  var hasStrictThresholds: Bool { exchangeRate > 0 || minimumImprovement > 0.01 }

  /// Bytes beyond which an index is of no use to any of the budgets.
  var largestBudget: Int64 { storageBudget.map { ([$0] + otherBudgets).max() ?? $0 } ?? .max }
}
