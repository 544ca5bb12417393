// One client's connection: which request is on it, and since when it waits for the next.

internal import Synchronization

final class OpenConnection: Sendable {
  let id: UInt64
  /// Open until the library says that the connection is closed.
  let descriptor: Int32
  let peer: String
  /// There are too many: it gets an answer that says so.
  let isSurplus: Bool

  /// What the watcher knows of the descriptor.
  enum Watch { case none, armed, fired }

  private struct State {
    var target: [UInt8] = []
    var exchange: RunningExchange?
    var waitsSince: ContinuousClock.Instant? = .now
    var watch = Watch.none
    var lingers = false
    /// Bytes of a refused body that the library reads for nobody.
    var discarded = 0
  }

  private let state = Mutex(State())

  init(id: UInt64, descriptor: Int32, peer: String, isSurplus: Bool) {
    self.id = id
    self.descriptor = descriptor
    self.peer = peer
    self.isSurplus = isSurplus
  }

  var exchange: RunningExchange? { state.withLock { $0.exchange } }

  /// Somebody still sends, so that closing at once would tear the answer away from under him.
  var lingers: Bool { state.withLock { $0.lingers } }

  func linger() { state.withLock { $0.lingers = true } }

  func isWaiting(since deadline: ContinuousClock.Instant) -> Bool {
    state.withLock { state in state.waitsSince.map { $0 < deadline } ?? false }
  }

  /// The second word of a request has been read.
  func begin(_ target: [UInt8]) { state.withLock { $0.target = target } }

  func takeTarget() -> [UInt8] {
    state.withLock { state in
      defer { state.target = [] }
      return state.target
    }
  }

  func begin(_ exchange: RunningExchange) { state.withLock { $0.exchange = exchange } }

  /// The request is there whole. True: now, and not already before.
  @discardableResult
  func hasRequest() -> Bool {
    state.withLock { state in
      defer { state.waitsSince = nil }
      return state.waitsSince != nil
    }
  }

  func end(isComplete: Bool) {
    let exchange = state.withLock { state in
      state.waitsSince = .now
      state.discarded = 0
      defer { state.exchange = nil }
      return state.exchange
    }
    exchange?.end(isComplete: isComplete)
  }

  /// False: enough has been thrown away.
  func discard(_ count: Int) -> Bool {
    state.withLock { state in
      state.discarded += count
      return state.discarded <= HTTPServerLimits.discarded
    }
  }

  /// Calls `change` with what the watcher knows, so that it may be told more.
  func updateWatch(_ change: (Watch) -> Watch) { state.withLock { $0.watch = change($0.watch) } }

  /// The watcher has seen the client go.
  func clientLeft() {
    let exchange = state.withLock { state in
      state.watch = .fired
      return state.exchange
    }
    exchange?.depart()
  }
}
