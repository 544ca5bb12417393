// Waits for servers' answers on one thread, so that no task ever blocks a thread of the process.

import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// One thread in `epoll_wait(2)` (elsewhere than on Linux `poll(2)`) for any number of sessions. It also reads what
/// arrives, so that an answer in many pieces wakes its task once and not for every piece.
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

  #if os(Linux)
    private let loop = EpollLoop()
  #else
    private let loop = PollLoop()
  #endif

  /// Somebody who waits.
  struct Waiter: Sendable {
    let descriptor: Int32
    var need: Need
    let advance: @Sendable (Wakeup) -> Need?
    let continuation: CheckedContinuation<Void, Never>

    var events: Int16 { Int16((need.reads ? POLLIN : 0) | (need.writes ? POLLOUT : 0)) }

    /// Without a thread to be had, the caller's waits.
    func waitHere() {
      var waiter = self
      while true {
        var polled = pollfd(fd: descriptor, events: waiter.events, revents: 0)
        let ready = poll(&polled, 1, pollTimeout(until: waiter.need.deadline))
        guard let need = advance(ready > 0 ? .ready : .timedOut) else { return continuation.resume() }
        waiter.need = need
      }
    }
  }

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
      loop.add(Waiter(descriptor: descriptor, need: need, advance: advance, continuation: continuation))
    }
  }

  /// Returns when the descriptor is readable or the deadline has passed.
  func wait(
    _ descriptor: Int32, until deadline: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation
  ) async {
    await drive(descriptor, from: Need(deadline: deadline)) { _ in nil }
  }
}
