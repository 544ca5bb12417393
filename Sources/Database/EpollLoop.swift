// The reactor's thread on Linux: in `epoll_wait(2)`, to which waits are added without waking it.

#if os(Linux)
  internal import CLibPQ
  internal import Glibc
  import Synchronization

  /// What the thread holds on to, so that the reactor itself can go away.
  ///
  /// https://man7.org/linux/man-pages/man7/epoll.7.html; each descriptor is looked at once for each wait.
  final class EpollLoop: Sendable {
    private struct State {
      var waiters: [UInt64: Reactor.Waiter] = [:]
      var lastTicket: UInt64 = 0
      var isRunning = false
      var isStopped = false
      /// When the thread looks up by itself; nil: not before it is woken.
      var nextLook: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let queue = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let pipe = WakePipe()
    /// How often deadlines are looked at while anybody waits, and for a while afterwards: who waits for a server does so
    /// again soon, and need not wake the thread then.
    private static let step = Duration.milliseconds(250)
    private static let looksAfterwards = 8
    private static let most = 64

    init() { arm(pipe.reading, UInt32(EPOLLIN.rawValue), 0) }

    deinit { if queue >= 0 { close(queue) } }

    func add(_ waiter: Reactor.Waiter) {
      let (ticket, wakes) = state.withLock { state -> (UInt64?, Bool) in
        // Under the lock, so that nobody relies on a thread that does not come.
        if !state.isRunning { state.isRunning = queue >= 0 && detachThread { [self] in run() } }
        guard state.isRunning else { return (nil, false) }
        state.lastTicket += 1
        state.waiters[state.lastTicket] = waiter
        guard let next = state.nextLook else { return (state.lastTicket, true) }
        return (state.lastTicket, waiter.need.deadline.map { $0 < next } ?? false)
      }
      guard let ticket else { return waiter.waitHere() }
      if !arm(waiter, ticket), let refused = state.withLock({ $0.waiters.removeValue(forKey: ticket) }) {
        return refused.waitHere()
      }
      if wakes { pipe.wake() }
    }

    /// Nobody waits.
    var isIdle: Bool { state.withLock { $0.waiters.isEmpty } }

    func stop() {
      state.withLock { $0.isStopped = true }
      pipe.wake()
    }

    private func arm(_ waiter: Reactor.Waiter, _ ticket: UInt64) -> Bool {
      let events = (waiter.need.reads ? EPOLLIN.rawValue : 0) | (waiter.need.writes ? EPOLLOUT.rawValue : 0)
      return arm(waiter.descriptor, events | EPOLLONESHOT.rawValue, ticket)
    }

    @discardableResult
    private func arm(_ descriptor: Int32, _ events: UInt32, _ ticket: UInt64) -> Bool {
      var event = epoll_event()
      event.events = events
      event.data.u64 = ticket
      // Known from an earlier wait, unless it is a new one of the same number.
      return epoll_ctl(queue, EPOLL_CTL_MOD, descriptor, &event) == 0
        || epoll_ctl(queue, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    private func run() {
      var events = [epoll_event](repeating: epoll_event(), count: Self.most)
      var idleLooks = 0
      while true {
        let (isOver, deadline) = state.withLock { state in
          idleLooks = state.waiters.isEmpty ? idleLooks + 1 : 0
          state.nextLook = idleLooks > Self.looksAfterwards ? nil : nearest(state.waiters)
          // Whoever waits holds the reactor, so nobody waits any more.
          return (state.isStopped && state.waiters.isEmpty, state.nextLook)
        }
        if isOver { return }
        let count = Int(epoll_wait(queue, &events, Int32(Self.most), pollTimeout(until: deadline)))
        for event in events.prefix(max(0, count)) {
          if event.data.u64 == 0 { pipe.drain() } else { advance(event.data.u64, .ready) }
        }
        if count > 0 { idleLooks = 0 }
        let now = ContinuousClock.now
        let late = state.withLock { state in
          state.waiters.filter { $0.value.need.deadline.map { $0 <= now } ?? false }.map(\.key)
        }
        for ticket in late { advance(ticket, .timedOut) }
      }
    }

    private func nearest(_ waiters: [UInt64: Reactor.Waiter]) -> ContinuousClock.Instant {
      let step = ContinuousClock.now + Self.step
      return waiters.values.compactMap(\.need.deadline).min().map { min($0, step) } ?? step
    }

    private func advance(_ ticket: UInt64, _ wakeup: Reactor.Wakeup) {
      guard var waiter = state.withLock({ $0.waiters[ticket] }) else { return }
      guard let need = waiter.advance(wakeup) else {
        _ = state.withLock { $0.waiters.removeValue(forKey: ticket) }
        return waiter.continuation.resume()
      }
      waiter.need = need
      state.withLock { $0.waiters[ticket] = waiter }
      if !arm(waiter, ticket) {
        _ = state.withLock { $0.waiters.removeValue(forKey: ticket) }
        waiter.waitHere()
      }
    }
  }
#endif
