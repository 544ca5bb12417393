// How the questions of one call are cut into pipelines, and which connection takes which.

import Synchronization

/// Pipelines that wait for a connection; the one that takes longest is taken first.
///
/// What a plan sees is settled before the cut, by the whole call alone: so the answers are the same however many
/// connections there are, and whichever of them asks.
final class PricingQueue: Sendable {
  struct Unit: Sendable {
    var groups: [PricingGroup]
    /// Estimated, in milliseconds.
    var time: Double
  }

  private let waiting: Mutex<[Unit]>

  /// - Parameter times: what one request at each place is expected to take, in milliseconds.
  init(_ groups: [PricingGroup], times: (Int) -> Double, explains: (Int) -> Int, connections: Int, depth: Int) {
    let cut = Self.cut(groups, times: times, explains: explains, connections: connections, depth: depth)
    // The last one is taken first.
    waiting = Mutex(
      cut.enumerated().sorted { ($0.element.time, $1.offset) < ($1.element.time, $0.offset) }.map(\.element))
  }

  var isEmpty: Bool { waiting.withLock(\.isEmpty) }
  var count: Int { waiting.withLock(\.count) }

  func take() -> Unit? { waiting.withLock { $0.popLast() } }

  /// Whoever took it could not ask.
  func giveBack(_ unit: Unit) { waiting.withLock { $0.append(unit) } }

  /// Each pipeline holds a bounded number of EXPLAINs that take a bounded time, so that patience is asked often, and with
  /// several connections no more than a part of what each has to do.
  private static func cut(
    _ groups: [PricingGroup], times: (Int) -> Double, explains: (Int) -> Int, connections: Int, depth: Int
  ) -> [Unit] {
    let total = groups.reduce(0.0) { sum, group in group.places.reduce(sum) { $0 + times($1) } }
    let share = min(
      mostMilliseconds, connections > 1 ? max(total / Double(connections * partsOfEach), leastMilliseconds) : .infinity)
    var units: [Unit] = []
    var unit = Unit(groups: [], time: 0)
    var count = 0
    for group in groups {
      var isNew = true
      for place in group.places {
        let (time, explains) = (times(place), explains(place))
        if count > 0, count + explains > depth || unit.time + time > share {
          units.append(unit)
          unit = Unit(groups: [], time: 0)
          count = 0
          isNew = true
        }
        if isNew { unit.groups.append(PricingGroup(visible: group.visible, places: [])) }
        isNew = false
        unit.groups[unit.groups.count - 1].places.append(place)
        unit.time += time
        count += explains
      }
    }
    if count > 0 { units.append(unit) }
    return units
  }

  /// Few enough to keep groups together, enough for the last ones to end at about the same time.
  private static var partsOfEach: Int { 4 }
  /// A pipeline's own round trip should not be felt.
  private static var leastMilliseconds: Double { 2 }
  /// So much later than asked for a run may end.
  private static var mostMilliseconds: Double { 100 }
}
