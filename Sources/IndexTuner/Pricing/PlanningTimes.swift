// How long statements take to plan, as they were last seen to.

import Synchronization

/// Only who asks what hangs on it; no answer does.
final class PlanningTimes: Sendable {
  private struct Seen {
    var milliseconds: Double
    /// With so many indexes visible.
    var indexes: Int
  }

  /// By statement, once for each number of indexes.
  private let seen: Mutex<[[Seen]]>

  /// Nothing was seen yet.
  let isGuess: Bool

  /// - Parameter milliseconds: of each statement without any index.
  init(_ milliseconds: [Double], isGuess: Bool = false) {
    self.isGuess = isGuess
    seen = Mutex(milliseconds.map { [Seen(milliseconds: $0, indexes: 0)] })
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

  /// In milliseconds, after what was seen with nearly as many indexes on the statement's tables: a join takes the longer
  /// the more of them the planner looks at.
  func expected(of query: Int, indexes: Int) -> Double {
    seen.withLock { seen in
      guard let nearest = seen[query].min(by: { abs($0.indexes - indexes) < abs($1.indexes - indexes) }) else {
        return 0
      }
      return nearest.milliseconds * Self.growth(with: indexes) / Self.growth(with: nearest.indexes)
    }
  }

  func note(_ milliseconds: Double, of query: Int, indexes: Int) {
    guard milliseconds > 0 else { return }
    seen.withLock { seen in
      if let known = seen[query].firstIndex(where: { $0.indexes == indexes }) {
        seen[query][known].milliseconds = milliseconds
      } else {
        seen[query].append(Seen(milliseconds: milliseconds, indexes: indexes))
      }
    }
  }

  private static func growth(with indexes: Int) -> Double { 1 + Double(indexes) / indexesThatDouble }
  /// So many indexes more make planning take about twice as long.
  private static var indexesThatDouble: Double { 20 }
}
