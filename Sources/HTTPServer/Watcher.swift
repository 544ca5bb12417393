// Sees clients go while the library does not look, ends those that take too long, and lets refused ones read why.

internal import Synchronization

/// One thread for all connections of a server. It sleeps while there are none, and wakes with a hang-up or once a second.
final class Watcher: Sendable {
  private struct State {
    var arrived: [LingeringConnection] = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let poller = Poller()
  private let connections: OpenConnections
  private let tally: Tally
  private let requestTime: Duration
  /// How often is looked who takes too long.
  private let pause: Duration

  init(watching connections: OpenConnections, tally: Tally, requestTime: Duration) {
    self.connections = connections
    self.tally = tally
    self.requestTime = requestTime
    pause = min(.seconds(1), max(.milliseconds(20), requestTime / 8))
  }

  /// False: there is no thread, or no descriptor, to be had.
  func start() -> Bool { poller.isUsable && detachThread { [self] in run() } }

  func stop() {
    state.withLock { $0.isStopped = true }
    poller.wake()
  }

  /// From now on somebody looks at the clock.
  func wake() { poller.wake() }

  /// Tells the connection when its client leaves. Costs a system call only where the last one has been used up.
  func watch(_ connection: OpenConnection) {
    connection.updateWatch { watch in
      if watch != .armed { poller.awaitHangUp(connection.descriptor, connection.id, isKnown: watch == .fired) }
      return .armed
    }
  }

  /// Before its descriptor is closed.
  func forget(_ connection: OpenConnection) {
    connection.updateWatch { watch in
      if watch != .none { poller.forget(connection.descriptor) }
      return .none
    }
    guard connection.lingers, let copy = duplicate(connection.descriptor) else { return }
    endSending(copy)
    let isTaken = state.withLock { state in
      guard !state.isStopped, state.arrived.count < HTTPServerLimits.lingeringConnections else { return false }
      state.arrived.append(LingeringConnection(descriptor: copy))
      return true
    }
    if isTaken { poller.wake() } else { closeDescriptor(copy) }
  }

  // MARK: - The thread

  private func run() {
    var lingering: [UInt64: LingeringConnection] = [:]
    var lastID: UInt64 = 0
    var nextLook: ContinuousClock.Instant?
    while true {
      let (ids, isWoken) = poller.wait(until: nextLook)
      let (arrived, isStopped) = state.withLock { state in
        defer { state.arrived = [] }
        return (state.arrived, state.isStopped)
      }
      for connection in arrived {
        lastID += 1
        let id = lastID | LingeringConnection.mark
        if lingering.count < HTTPServerLimits.lingeringConnections, poller.awaitBytes(connection.descriptor, id) {
          lingering[id] = connection
        } else {
          closeDescriptor(connection.descriptor)
        }
      }
      for id in ids {
        if id & LingeringConnection.mark == 0 {
          connections[id]?.clientLeft()
        } else if lingering[id]?.discard() == false {
          end(&lingering, id)
        }
      }
      if isStopped {
        for id in lingering.keys { end(&lingering, id) }
        return
      }
      let now = ContinuousClock.now
      if isWoken || nextLook.map({ $0 <= now }) ?? false {
        for (id, connection) in lingering where connection.deadline <= now { end(&lingering, id) }
        nextLook = endThoseWhoTakeTooLong(now) || !lingering.isEmpty ? now + pause : nil
      }
    }
  }

  private func end(_ lingering: inout [UInt64: LingeringConnection], _ id: UInt64) {
    if let connection = lingering.removeValue(forKey: id) { closeDescriptor(connection.descriptor) }
  }

  /// Whether there are connections to look at again.
  private func endThoseWhoTakeTooLong(_ now: ContinuousClock.Instant) -> Bool {
    let (ended, areThereAny) = connections.endThoseWaiting(
      since: now - requestTime, surplusSince: now - min(requestTime, HTTPServerLimits.surplusTime))
    if ended > 0 { tally.count { $0.refusedByLimits += ended } }
    return areThereAny
  }
}
