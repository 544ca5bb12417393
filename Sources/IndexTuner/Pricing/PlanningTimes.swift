// How long statements take to plan, as they were last seen to.

import Synchronization

/// Only who asks what hangs on it; no answer does.
final class PlanningTimes: Sendable {
  private struct Seen {
    var milliseconds: Double
    /// With so many indexes visible.
    var indexes: Int
  }

  private let seen: Mutex<[Seen]>

  /// Nothing was seen yet.
  let isGuess: Bool

  /// - Parameter milliseconds: of each statement without any index.
  init(_ milliseconds: [Double], isGuess: Bool = false) {
    self.isGuess = isGuess
    seen = Mutex(milliseconds.map { Seen(milliseconds: $0, indexes: 0) })
  }

  convenience init(of subject: HypotheticalIndexes.Subject) {
    let isKnown = subject.planningTimes.count == subject.queries.count
    self.init(isKnown ? subject.planningTimes : subject.queries.map(Self.guess), isGuess: !isKnown)
  }

  /// Each table more is joined to all others.
  private static func guess(_ query: Query) -> Double {
    let tables = Double(query.shape.uses.count)
    return max(0.05, 0.02 * tables * tables) * Double(query.variants.count)
  }

  /// In milliseconds. A join of many tables takes the longer the more indexes the planner sees.
  func expected(of query: Int, indexes: Int) -> Double {
    seen.withLock { seen in
      seen[query].milliseconds * Self.growth(with: indexes) / Self.growth(with: seen[query].indexes)
    }
  }

  func note(_ milliseconds: Double, of query: Int, indexes: Int) {
    guard milliseconds > 0 else { return }
    seen.withLock { $0[query] = Seen(milliseconds: milliseconds, indexes: indexes) }
  }

  private static func growth(with indexes: Int) -> Double { 1 + Double(indexes) / indexesThatDouble }
  /// So many visible indexes make planning take about twice as long.
  private static var indexesThatDouble: Double { 12 }
}
