// Which connections are open, and from where.

internal import Synchronization

/// As long as a connection is in here its descriptor is open: it goes out before the library closes it.
final class OpenConnections: Sendable {
  private struct State {
    var connections: [UInt64: OpenConnection] = [:]
    var counts: [String: Int] = [:]
    var lastID: UInt64 = 0
  }

  private let state = Mutex(State())
  private let limit: Int
  private let limitPerAddress: Int

  init(limits: HTTPServerLimits) {
    limit = limits.connections
    limitPerAddress = limits.connectionsPerAddress
  }

  var all: [OpenConnection] { state.withLock { Array($0.connections.values) } }

  subscript(_ id: UInt64) -> OpenConnection? { state.withLock { $0.connections[id] } }

  /// Also says whether it is the only one.
  func open(_ descriptor: Int32, from peer: String) -> (OpenConnection, isOnlyOne: Bool) {
    state.withLock { state in
      state.lastID += 1
      let count = (state.counts[peer] ?? 0) + 1
      state.counts[peer] = count
      let connection = OpenConnection(
        id: state.lastID, descriptor: descriptor, peer: peer,
        isSurplus: state.connections.count >= limit || count > limitPerAddress)
      state.connections[state.lastID] = connection
      return (connection, state.connections.count == 1)
    }
  }

  func close(_ connection: OpenConnection) {
    state.withLock { state in
      state.connections[connection.id] = nil
      if let count = state.counts[connection.peer] { state.counts[connection.peer] = count > 1 ? count - 1 : nil }
    }
  }

  /// Ends those that have been waiting for a request since before `deadline`, surplus ones since before `surplusDeadline`.
  /// Returns how many that were, and whether there are any connections.
  func endThoseWaiting(
    since deadline: ContinuousClock.Instant, surplusSince surplusDeadline: ContinuousClock.Instant
  ) -> (ended: Int, areThereAny: Bool) {
    state.withLock { state in
      var ended = 0
      for connection in state.connections.values
      where connection.isWaiting(since: connection.isSurplus ? surplusDeadline : deadline) {
        hangUp(connection.descriptor)
        ended += 1
      }
      return (ended, !state.connections.isEmpty)
    }
  }
}
