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

    var events: Int16 { Int16((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)) }
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

    /// Without a thread to be had, the caller's waits.
    func waitHere() {
      var waiter = self
      while true {
        var polled = pollfd(fd: descriptor, events: waiter.need.events, revents: 0)
        let ready = poll(&polled, 1, pollTimeout(until: waiter.need.deadline))
        guard let need = advance(ready > 0 ? .ready : .timedOut) else { return continuation.resume() }
        waiter.need = need
      }
    }
  }

  /// How long a lone wait may hold its thread.
  private static let brief = Duration.milliseconds(2)
  private let isBriefWaitTaken = Atomic(false)
  /// Somebody else has to have a thread meanwhile.
  private let takesBriefWaits: Bool

  package init() { takesBriefWaits = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 }

  deinit { loop.stop() }

  /// Waits on the caller's thread, where nobody else waits for a server and for 2 ms at most: the answer to a small
  /// question is there sooner than two threads could be woken for it.
  /// - Returns: what is still needed.
  private func waitBriefly(
    _ descriptor: Int32, _ need: Need, _ advance: @Sendable (Wakeup) -> Need?
  ) -> Need? {
    guard takesBriefWaits, loop.isIdle, !isBriefWaitTaken.exchange(true, ordering: .acquiring) else { return need }
    defer { isBriefWaitTaken.store(false, ordering: .releasing) }
    var need = need
    let end = ContinuousClock.now + Self.brief
    while true {
      var polled = pollfd(fd: descriptor, events: need.events, revents: 0)
      let deadline = need.deadline.map { min($0, end) } ?? end
      guard poll(&polled, 1, pollTimeout(until: deadline)) > 0 else { return need }
      guard let next = advance(.ready) else { return nil }
      need = next
      if .now >= end { return need }
    }
  }

  /// Calls `advance` on the reactor's thread whenever what it needs has come, until it needs nothing any more.
  ///
  /// `advance` must not block, and gets whether the deadline has passed. The descriptor must stay open meanwhile.
  func drive(
    _ descriptor: Int32, from need: Need, isolation: isolated (any Actor)? = #isolation,
    _ advance: @escaping @Sendable (Wakeup) -> Need?
  ) async {
    guard let need = waitBriefly(descriptor, need, advance) else { return }
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
