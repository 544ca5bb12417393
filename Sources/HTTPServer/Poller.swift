// Waits for any number of descriptors at once: epoll on Linux; elsewhere only for being woken.

internal import CMicroHTTPD

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

#if os(Linux)
  /// https://man7.org/linux/man-pages/man7/epoll.7.html
  struct Poller: ~Copyable {
    private let queue = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    /// Not a connection's.
    private static let alarmID: UInt64 = 0
    private static let most = 64

    var isUsable: Bool { queue >= 0 && alarm >= 0 }

    init() { _ = control(EPOLL_CTL_ADD, alarm, EPOLLIN.rawValue, Self.alarmID) }

    deinit {
      if queue >= 0 { close(queue) }
      if alarm >= 0 { close(alarm) }
    }

    borrowing func wake() { eventfd_write(alarm, 1) }

    /// The ids of those that are ready, the alarm's not among them, and whether it rang.
    borrowing func wait(until deadline: ContinuousClock.Instant?) -> (ids: [UInt64], isWoken: Bool) {
      var events = [epoll_event](repeating: epoll_event(), count: Self.most)
      let count = Int(epoll_wait(queue, &events, Int32(Self.most), pollTimeout(until: deadline)))
      let ids = events.prefix(max(0, count)).map(\.data.u64)
      let isWoken = ids.contains(Self.alarmID)
      var rings: UInt64 = 0
      if isWoken { eventfd_read(alarm, &rings) }
      return (ids.filter { $0 != Self.alarmID }, isWoken)
    }

    /// Tells once when the other side sends no more, or has gone.
    borrowing func awaitHangUp(_ descriptor: Int32, _ id: UInt64, isKnown: Bool) {
      _ = control(isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue, id)
    }

    /// Tells whenever something is there to read. False: it never will.
    borrowing func awaitBytes(_ descriptor: Int32, _ id: UInt64) -> Bool {
      control(EPOLL_CTL_ADD, descriptor, EPOLLIN.rawValue, id)
    }

    /// Before the descriptor is closed: a copy of it would keep it in the set.
    borrowing func forget(_ descriptor: Int32) { _ = control(EPOLL_CTL_DEL, descriptor, 0, 0) }

    private borrowing func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ id: UInt64) -> Bool {
      var event = epoll_event()
      event.events = events
      event.data.u64 = id
      return epoll_ctl(queue, operation, descriptor, &event) == 0
    }
  }
#else
  /// A client that leaves is noticed when something is sent to it.
  struct Poller: ~Copyable {
    private let ends: (reading: Int32, writing: Int32)

    var isUsable: Bool { ends.reading >= 0 }

    init() {
      var made: [Int32] = [-1, -1]
      if pipe(&made) != 0 { made = [-1, -1] }
      for end in made where end >= 0 {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
      }
      ends = (made[0], made[1])
    }

    deinit {
      if ends.reading >= 0 { close(ends.reading) }
      if ends.writing >= 0 { close(ends.writing) }
    }

    borrowing func wake() {
      var byte: UInt8 = 1
      _ = write(ends.writing, &byte, 1)
    }

    borrowing func wait(until deadline: ContinuousClock.Instant?) -> (ids: [UInt64], isWoken: Bool) {
      var waited = pollfd(fd: ends.reading, events: Int16(POLLIN), revents: 0)
      guard poll(&waited, 1, pollTimeout(until: deadline)) > 0 else { return ([], false) }
      var byte: UInt8 = 0
      while read(ends.reading, &byte, 1) > 0 {}
      return ([], true)
    }

    borrowing func awaitHangUp(_ descriptor: Int32, _ id: UInt64, isKnown: Bool) {}

    borrowing func awaitBytes(_ descriptor: Int32, _ id: UInt64) -> Bool { false }

    borrowing func forget(_ descriptor: Int32) {}
  }
#endif
