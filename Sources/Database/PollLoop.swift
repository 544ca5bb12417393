// The reactor's thread where there is no epoll: in `poll(2)`, woken for each new wait.

#if !os(Linux)
  import Synchronization

  #if canImport(Darwin)
    internal import Darwin
  #endif

  /// What the thread holds on to, so that the reactor itself can go away.
  final class PollLoop: Sendable {
    private struct State {
      /// Those the thread has not seen yet.
      var arrived: [Reactor.Waiter] = []
      var isRunning = false
      var isStopped = false
    }

    private let state = Mutex(State())
    private let pipe = WakePipe()

    func add(_ waiter: Reactor.Waiter) {
      let isRunning = state.withLock { state in
        // Under the lock, so that nobody relies on a thread that does not come.
        if !state.isRunning { state.isRunning = detachThread { [self] in run() } }
        if state.isRunning { state.arrived.append(waiter) }
        return state.isRunning
      }
      if isRunning { pipe.wake() } else { waiter.waitHere() }
    }

    /// Nobody knows here.
    var isIdle: Bool { false }

    func stop() {
      state.withLock { $0.isStopped = true }
      pipe.wake()
    }

    private func run() {
      var waiters: [Reactor.Waiter] = []
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
        for waiter in waiters { polled.append(pollfd(fd: waiter.descriptor, events: waiter.need.events, revents: 0)) }
        let nearest = waiters.compactMap(\.need.deadline).min()
        _ = poll(&polled, nfds_t(polled.count), pollTimeout(until: nearest))
        if polled[0].revents != 0 { pipe.drain() }
        advance(&waiters, polled)
      }
    }

    private func advance(_ waiters: inout [Reactor.Waiter], _ polled: [pollfd]) {
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
#endif
