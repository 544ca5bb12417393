// How many plans a run has asked for, and how long it waited for them.

package import Database
import Synchronization

/// How many what-if calls were made and how long they took; shared by everybody who prices in one run.
package final class PlanningCounter: Sendable {
  private let calls = Atomic<Int>(0)
  private let prices = Atomic<Int>(0)
  private let nanoseconds = Atomic<Int64>(0)

  package init() {}

  /// EXPLAINs answered.
  package var explains: Int { calls.load(ordering: .relaxed) }
  /// Those of them whose price alone was wanted.
  package var priced: Int { prices.load(ordering: .relaxed) }
  /// Wall time spent asking for prices.
  package var waited: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

  func count(_ explains: Int) { calls.add(explains, ordering: .relaxed) }

  func count(priced: Int, in elapsed: Duration) {
    calls.add(priced, ordering: .relaxed)
    prices.add(priced, ordering: .relaxed)
    let (seconds, attoseconds) = elapsed.components
    nanoseconds.add(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
  }
}

/// What `--trace-planning` records.
package enum PlanningTrace: Sendable {
  /// One EXPLAIN as it was asked for.
  case plan(indexes: [String], request: PlanRequest, searchPath: [String])
  /// At the end: prices asked for, how long was waited for them, and over how many connections.
  case summary(plans: Int, waited: Duration, connections: Int)
}
