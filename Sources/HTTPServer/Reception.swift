// What all connections of one server share: its limits, who may come in, who answers, and who is there.

internal import Synchronization

final class Reception: Sendable {
  let limits: HTTPServerLimits
  let isSecure: Bool
  let admit: Admit
  let handler: Handler
  let tally = Tally()
  let connections: OpenConnections
  let watcher: Watcher

  private enum Stage {
    static let open = 0
    /// What runs may end; what comes is refused.
    static let draining = 1
    /// Nothing is suspended any more: the library cannot stop while something is.
    static let stopping = 2
  }

  private let stage = Atomic(Stage.open)
  private let bodyBytes = Atomic(0)

  init(limits: HTTPServerLimits, isSecure: Bool, admit: @escaping Admit, handler: @escaping Handler) {
    self.limits = limits
    self.isSecure = isSecure
    self.admit = admit
    self.handler = handler
    connections = OpenConnections(limits: limits)
    watcher = Watcher(watching: connections, tally: tally, requestTime: limits.requestTime)
  }

  var isDraining: Bool { stage.load(ordering: .sequentiallyConsistent) != Stage.open }
  var isStopping: Bool { stage.load(ordering: .sequentiallyConsistent) == Stage.stopping }

  /// False: somebody else has done so before.
  func beginToDrain() -> Bool {
    stage.compareExchange(expected: Stage.open, desired: Stage.draining, ordering: .sequentiallyConsistent).exchanged
  }

  /// Afterwards every suspended connection is on its way to its end, and no other will be suspended: whoever suspends one
  /// looks at the stage with the exchange's lock held, and `stop` takes the same lock after the stage has changed.
  func beginToStop() {
    stage.store(Stage.stopping, ordering: .sequentiallyConsistent)
    for connection in connections.all { connection.exchange?.stop() }
  }

  /// Requests that were read whole, or nearly, and are not over yet.
  var hasExchanges: Bool { connections.all.contains { $0.exchange != nil } }

  /// False: all bodies together would be too large.
  func reserve(_ count: Int) -> Bool {
    if bodyBytes.add(count, ordering: .relaxed).newValue <= limits.allBodies { return true }
    giveBack(count)
    return false
  }

  func giveBack(_ count: Int) { bodyBytes.subtract(count, ordering: .relaxed) }
}
