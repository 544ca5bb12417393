// Stops what a connection is doing, from any thread and without blocking it.

import Synchronization

/// Sends cancel requests for the exchange that is running, and only for it.
final class Canceller: Sendable {
  private struct State {
    var isActive = false
    var isRequested = false
    var running = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  private let handle: Mutex<CancelHandle>

  init(for connection: borrowing Connection) { handle = Mutex(CancelHandle(for: connection)) }

  var isRequested: Bool { state.withLock { $0.isRequested } }

  func begin() {
    state.withLock {
      $0.isActive = true
      $0.isRequested = false
    }
  }

  /// Asks the server to stop. Does nothing when no exchange is running.
  func request() { ask(isCancelling: true) }

  /// Asks the server to stop what it is doing because we have enough of it: nothing has been cancelled.
  func interrupt() { ask(isCancelling: false) }

  private func ask(isCancelling: Bool) {
    let isActive = state.withLock { state in
      guard state.isActive else { return false }
      if isCancelling { state.isRequested = true }
      // One request on its way is enough; the next one is made when it has had no effect.
      guard state.running == 0 else { return false }
      state.running += 1
      return true
    }
    guard isActive else { return }
    runOnThread { [self] in
      handle.withLock { $0.send() }
      let waiters = state.withLock { state in
        state.running -= 1
        defer { state.waiters = [] }
        return state.waiters
      }
      for waiter in waiters { waiter.resume() }
    }
  }

  /// Ends the exchange. Returns when no request is on its way any more, so that none can hit the next one.
  func end(isolation: isolated (any Actor)? = #isolation) async {
    let isQuiet = state.withLock { state in
      state.isActive = false
      state.isRequested = false
      return state.running == 0
    }
    if isQuiet { return }
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isQuiet = state.withLock { state in
        if state.running == 0 { return true }
        state.waiters.append(continuation)
        return false
      }
      if isQuiet { continuation.resume() }
    }
  }
}
