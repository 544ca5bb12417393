// How the questions of one call are cut into pipelines, and which connection takes which.

import Synchronization

/// Requests that wait for a connection. Whoever takes some gets a part of all that is left, so that all connections end at
/// about the same time; what takes longest goes first, and among such what needs the fewest new hypothetical indexes.
///
/// What a plan sees is settled before, by the whole call alone: so the answers are the same however many connections
/// there are, and whichever of them asks.
final class PricingQueue: Sendable {
  /// One request.
  struct Item: Sendable {
    var place: Int
    var visible: IndexSet
    /// Estimated, in milliseconds.
    var time: Double
    var explains: Int
  }

  private let waiting: Mutex<[Item]>
  private let connections: Int
  private let depth: Int
  private let part: Double

  /// - Parameters:
  ///   - times: what one request at each place is expected to take, in milliseconds.
  ///   - isGuessing: of no request it was ever seen.
  init(
    _ groups: [PricingGroup], times: (Int) -> Double, explains: (Int) -> Int, connections: Int, depth: Int,
    isGuessing: Bool = false
  ) {
    part = isGuessing ? Self.partOfGuesses : Self.part
    let items = groups.flatMap { group in
      group.places.map { Item(place: $0, visible: group.visible, time: times($0), explains: explains($0)) }
    }
    // The last one is taken first.
    waiting = Mutex(
      items.enumerated().sorted { ($0.element.time, $1.offset) < ($1.element.time, $0.offset) }.map(\.element))
    (self.connections, self.depth) = (connections, depth)
  }

  var isEmpty: Bool { waiting.withLock(\.isEmpty) }
  var count: Int { waiting.withLock(\.count) }

  /// One pipeline: a bounded number of EXPLAINs that take a bounded time, so that patience is asked often, and with
  /// several connections no more than a part of what each has left to do.
  func take(beside held: HeldIndexes) -> [Item] {
    waiting.withLock { waiting in
      // About half of what it shows is there when a request's turn comes.
      let total = waiting.reduce(0.0) { $0 + $1.time + Self.creation * Double($1.visible.count) / 2 }
      let share =
        connections > 1 ? max(total * part / Double(connections), Self.leastMilliseconds) : .infinity
      var taken: [Item] = []
      var (time, explains) = (0.0, 0)
      var held = held.set
      while let (next, missing) = Self.nearest(waiting, held) {
        let item = waiting[next]
        let more = item.time + Self.creation * Double(missing)
        let isFull = explains + item.explains > depth || time + more > Self.mostMilliseconds || time + more / 2 > share
        if !taken.isEmpty, isFull { break }
        waiting.remove(at: next)
        taken.append(item)
        time += more
        explains += item.explains
        held = item.visible
      }
      return taken
    }
  }

  /// Whoever took them could not ask.
  func giveBack(_ items: [Item]) { waiting.withLock { $0 += items.reversed() } }

  /// - Returns: its place, and how many indexes it misses.
  private static func nearest(_ waiting: [Item], _ held: IndexSet) -> (place: Int, missing: Int)? {
    var best: (place: Int, missing: Int)?
    for place in waiting.indices.reversed().prefix(window) {
      let visible = waiting[place].visible
      let missing = visible.count - visible.intersection(held).count
      if missing < best?.missing ?? .max { best = (place, missing) }
      if missing == 0 { break }
    }
    return best
  }

  /// Milliseconds that making one hypothetical index takes.
  private static var creation: Double { 0.02 }
  /// So many of those that take longest are looked at: they take about as long.
  private static var window: Int { 16 }
  /// Of what each connection has left; the rest evens out what was estimated wrongly.
  private static var part: Double { 0.9 }
  private static var partOfGuesses: Double { 0.5 }
  /// A pipeline's own round trip should not be felt.
  private static var leastMilliseconds: Double { 1 }
  /// So much later than asked for a run may end.
  private static var mostMilliseconds: Double { 100 }
}

extension [PricingQueue.Item] {
  /// Neighbours that see the same together.
  var groups: [PricingGroup] {
    reduce(into: []) { groups, item in
      if groups.last?.visible == item.visible {
        groups[groups.count - 1].places.append(item.place)
      } else {
        groups.append(PricingGroup(visible: item.visible, places: [item.place]))
      }
    }
  }
}
