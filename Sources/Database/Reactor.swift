// Waits for servers' answers on one thread, so that no task ever blocks a thread of the process.

import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// One thread in `poll(2)` for any number of sessions. It also reads what arrives, so that an answer in many pieces wakes
/// its task once and not for every piece.
///
/// The thread starts with the first wait and ends with the value.
package final class Reactor: Sendable {
  /// What a piece of work waits for.
  struct Need: Sendable {
    var reads = true
    var writes = false
    var deadline: ContinuousClock.Instant?
  }

  enum Wakeup: Sendable {
    /// The descriptor is ready, or broken, which its next use will tell.
    case ready
    case timedOut
  }

  private let loop = PollLoop()

  package init() {}

  deinit { loop.stop() }

  /// Calls `advance` on the reactor's thread whenever what it needs has come, until it needs nothing any more.
  ///
  /// `advance` must not block, and gets whether the deadline has passed. The descriptor must stay open meanwhile.
  func drive(
    _ descriptor: Int32, from need: Need, isolation: isolated (any Actor)? = #isolation,
    _ advance: @escaping @Sendable (Wakeup) -> Need?
  ) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      loop.add(PollLoop.Waiter(descriptor: descriptor, need: need, advance: advance, continuation: continuation))
    }
  }

  /// Returns when the descriptor is readable or the deadline has passed.
  func wait(
    _ descriptor: Int32, until deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation
  ) async {
    await drive(descriptor, from: Need(deadline: deadline)) { _ in nil }
  }
}

/// What the thread holds on to, so that the reactor itself can go away.
private final class PollLoop: Sendable {
  struct Waiter: Sendable {
    let descriptor: Int32
    var need: Reactor.Need
    let advance: @Sendable (Reactor.Wakeup) -> Reactor.Need?
    let continuation: CheckedContinuation<Void, Never>

    var events: Int16 { Int16((need.reads ? POLLIN : 0) | (need.writes ? POLLOUT : 0)) }
  }

  private struct State {
    /// Those the thread has not seen yet.
    var arrived: [Waiter] = []
    var isRunning = false
    var isStopped = false
  }

  private let state = Mutex(State())
  private let pipe = WakePipe()

  func add(_ waiter: Waiter) {
    let isRunning = state.withLock { state in
      // Under the lock, so that nobody relies on a thread that does not come.
      if !state.isRunning { state.isRunning = detachThread { [self] in run() } }
      if state.isRunning { state.arrived.append(waiter) }
      return state.isRunning
    }
    if isRunning { pipe.wake() } else { Self.waitHere(waiter) }
  }

  /// Without a thread to be had, the caller's waits.
  private static func waitHere(_ waiter: Waiter) {
    var waiter = waiter
    while true {
      var polled = pollfd(fd: waiter.descriptor, events: waiter.events, revents: 0)
      let ready = poll(&polled, 1, pollTimeout(until: waiter.need.deadline))
      guard let need = waiter.advance(ready > 0 ? .ready : .timedOut) else { return waiter.continuation.resume() }
      waiter.need = need
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    pipe.wake()
  }

  private func run() {
    var waiters: [Waiter] = []
    var polled: [pollfd] = []
    while true {
      let isStopped = state.withLock { state in
        waiters += state.arrived
        state.arrived.removeAll(keepingCapacity: true)
        return state.isStopped
      }
      // Whoever waits holds the reactor, so nobody waits any more.
      if isStopped && waiters.isEmpty { return }
      polled.removeAll(keepingCapacity: true)
      polled.append(pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0))
      for waiter in waiters { polled.append(pollfd(fd: waiter.descriptor, events: waiter.events, revents: 0)) }
      let nearest = waiters.compactMap(\.need.deadline).min()
      _ = poll(&polled, nfds_t(polled.count), pollTimeout(until: nearest))
      if polled[0].revents != 0 { pipe.drain() }
      advance(&waiters, polled)
    }
  }

  private func advance(_ waiters: inout [Waiter], _ polled: [pollfd]) {
    var hasFinished = false
    for position in waiters.indices {
      let wakeup: Reactor.Wakeup
      if polled[position + 1].revents != 0 {
        wakeup = .ready
      } else if let deadline = waiters[position].need.deadline, deadline <= .now {
        wakeup = .timedOut
      } else {
        continue
      }
      if let need = waiters[position].advance(wakeup) {
        waiters[position].need = need
      } else {
        waiters[position].need = Reactor.Need(reads: false)
        waiters[position].continuation.resume()
        hasFinished = true
      }
    }
    if hasFinished { waiters.removeAll { !$0.need.reads && !$0.need.writes } }
  }
}
