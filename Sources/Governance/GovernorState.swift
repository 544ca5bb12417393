// What operators want to know of the connections: whether they can be reached, and how busy their pools are.

internal import Database

/// A connection's pool at one moment.
package struct PoolState: Sendable, Equatable {
  package var connection: String
  /// Open and used by nobody.
  package var idle: Int
  package var borrowed: Int
  /// Calls that wait for a session.
  package var waiting: Int
  package var limit: Int
}

extension Governor {
  /// In the order of their names.
  package func pools() async -> [PoolState] {
    var states: [PoolState] = []
    for (name, database) in databases.sorted(by: { $0.key < $1.key }) {
      let usage = await database.usage
      states.append(
        PoolState(
          connection: name, idle: usage.idle, borrowed: usage.borrowed, waiting: usage.waiting, limit: usage.limit))
    }
    return states
  }

  /// Whether every connection answers; also false when there is none. An answer is good for a second: whoever asks more
  /// often does not reach the database.
  package func isReady() async -> Bool {
    guard hasConnections else { return false }
    return await withTaskGroup(of: Bool.self) { group in
      for database in databases.values { group.addTask { await database.isReachable() } }
      return await group.reduce(true) { $0 && $1 }
    }
  }
}
