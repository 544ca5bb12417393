// How the questions of one call are cut into pipelines, and which connection takes which.

import Synchronization

/// Requests that wait for a connection. All that waits is dealt out, what takes longest first, each to the connection that
/// has least to do, what it is at included; who asks for work takes most of its own part, so that all end at about the
/// same time. Among such as take about as long, what needs the fewest new hypothetical indexes comes first.
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

  private struct State {
    var waiting: [Item]
    var lanes: [Lane]
  }

  private struct Lane {
    /// When it should be through with what it has taken.
    var end: ContinuousClock.Instant?
    /// What it shows then.
    var held = IndexSet()
    var isLost = false

    func load(at now: ContinuousClock.Instant) -> Double {
      isLost ? .infinity : end.map { max(0, ($0 - now) / .milliseconds(1)) } ?? 0
    }
  }

  private let state: Mutex<State>
  private let depth: Int
  private let part: Double

  /// - Parameters:
  ///   - times: what planning one request under these visible indexes is expected to take, in milliseconds.
  ///   - isGuessing: of no request it was ever seen.
  init(
    _ groups: [PricingGroup], times: (Int, IndexSet) -> Double, explains: (Int) -> Int, connections: Int, depth: Int,
    isGuessing: Bool = false
  ) {
    part = isGuessing ? Self.partOfGuesses : Self.part
    let items = groups.flatMap { group in
      group.places.map { place in
        let explains = explains(place)
        let time = times(place, group.visible) + Self.besidesPlanning * Double(explains)
        return Item(place: place, visible: group.visible, time: time, explains: explains)
      }
    }
    // The last one is taken first.
    let waiting = items.enumerated().sorted { ($0.element.time, $1.offset) < ($1.element.time, $0.offset) }
    state = Mutex(State(waiting: waiting.map(\.element), lanes: Array(repeating: Lane(), count: connections)))
    self.depth = depth
  }

  var isEmpty: Bool { state.withLock(\.waiting.isEmpty) }
  var count: Int { state.withLock(\.waiting.count) }

  /// One pipeline: a bounded number of EXPLAINs that take a bounded time, so that patience is asked often, and with
  /// several connections no more than a part of what each has left to do.
  func take(
    beside held: HeldIndexes, for connection: Int, at now: ContinuousClock.Instant = .now
  ) -> [Item] {
    state.withLock { state in
      state.lanes[connection] = Lane(held: held.set)
      let own = deal(state, to: connection, at: now)
      let share = state.lanes.count > 1 ? max(own.reduce(0) { $0 + $1.time } * part, Self.least) : .infinity
      var taken: [Int] = []
      var (time, explains) = (0.0, 0)
      for (place, more) in own {
        let item = state.waiting[place]
        let isFull = explains + item.explains > depth || time + more > Self.most || time + more / 2 > share
        if !taken.isEmpty, isFull { break }
        taken.append(place)
        time += more
        explains += item.explains
      }
      let items = Self.inOrder(taken.map { state.waiting[$0] }, held.set)
      for place in taken.sorted(by: >) { state.waiting.remove(at: place) }
      if let last = items.last { state.lanes[connection] = Lane(end: now + .milliseconds(time), held: last.visible) }
      return items
    }
  }

  /// Whoever took them could not ask.
  func giveBack(_ items: [Item], of connection: Int) {
    state.withLock { state in
      state.lanes[connection].isLost = true
      state.waiting += items.reversed()
    }
  }

  /// What this connection is to do of all that waits, as much as can go into one pipeline.
  private func deal(_ state: State, to connection: Int, at now: ContinuousClock.Instant) -> [(place: Int, time: Double)]
  {
    var loads = state.lanes.map { $0.load(at: now) }
    var shown = state.lanes.map(\.held)
    var rest = Array(state.waiting.indices)
    var own: [(place: Int, time: Double)] = []
    while own.count < depth, loads[connection] < Self.most {
      var lane = connection
      for other in loads.indices where loads[other] < loads[lane] { lane = other }
      guard let (next, missing) = Self.nearest(rest, of: state.waiting, shown[lane], isAlike: Self.isAlike) else {
        break
      }
      let place = rest.remove(at: next)
      let time = state.waiting[place].time + Self.creation * Double(missing)
      loads[lane] += time
      shown[lane] = state.waiting[place].visible
      if lane == connection { own.append((place, time)) }
    }
    return own
  }

  /// The same ones, so that each needs few new hypothetical indexes.
  private static func inOrder(_ items: [Item], _ held: IndexSet) -> [Item] {
    var rest = Array(items.indices.reversed())
    var ordered: [Item] = []
    var held = held
    while let (next, _) = nearest(rest, of: items, held, isAlike: 0) {
      ordered.append(items[rest.remove(at: next)])
      held = ordered[ordered.count - 1].visible
    }
    return ordered
  }

  /// - Parameters:
  ///   - rest: places, of which the last one is to come first.
  ///   - isAlike: such a part of its time is about as long.
  /// - Returns: where in `rest`, and how many indexes it misses.
  private static func nearest(
    _ rest: [Int], of items: [Item], _ held: IndexSet, isAlike: Double
  ) -> (next: Int, missing: Int)? {
    guard let first = rest.last else { return nil }
    var best: (next: Int, missing: Int)?
    for next in rest.indices.reversed().prefix(window) where items[rest[next]].time >= isAlike * items[first].time {
      let visible = items[rest[next]].visible
      let missing = visible.count - visible.intersection(held).count
      if missing < best?.missing ?? .max { best = (next, missing) }
      if missing == 0 { break }
    }
    return best
  }

  /// Milliseconds that making one hypothetical index takes.
  private static var creation: Double { 0.02 }
  /// What one EXPLAIN takes beside planning: it is parsed and analyzed, and its plan is put into words.
  private static var besidesPlanning: Double { 0.2 }
  /// So many of those that take longest are looked at.
  private static var window: Int { 16 }
  private static var isAlike: Double { 0.7 }
  /// Of what each connection has left; the rest evens out what was estimated wrongly.
  private static var part: Double { 0.9 }
  private static var partOfGuesses: Double { 0.5 }
  /// A pipeline's own round trip should not be felt.
  private static var least: Double { 1 }
  /// So much later than asked for a run may end.
  private static var most: Double { 100 }
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
