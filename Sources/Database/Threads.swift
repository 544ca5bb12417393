// The few system calls this room needs beside libpq: threads, pipes and poll.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Runs `body` on a thread of its own: for calls that block and would starve the tasks of the process. Where no thread is
/// to be had it runs here, since late is better than never.
package func runOnThread(_ body: @escaping @Sendable () -> Void) {
  if !detachThread(body) { body() }
}

/// False: there was no thread to be had, and `body` does not run.
func detachThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let box = Unmanaged.passRetained(ThreadBody(body))
  #if canImport(Darwin)
    var thread: pthread_t?
    let failure = pthread_create(
      &thread, nil,
      { argument in
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    if let thread, failure == 0 { pthread_detach(thread) }
  #else
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, box.toOpaque())
    if failure == 0 { pthread_detach(thread) }
  #endif
  if failure != 0 { box.release() }
  return failure == 0
}

private final class ThreadBody: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func run() { body() }
}

/// A pipe that wakes whoever polls its reading end.
struct WakePipe: ~Copyable {
  let reading: Int32
  private let writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { ends = [-1, -1] }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }
    reading = ends[0]
    writing = ends[1]
  }

  deinit {
    if reading >= 0 { close(reading) }
    if writing >= 0 { close(writing) }
  }

  /// A full pipe is as good a wake-up as one more byte.
  borrowing func wake() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  borrowing func drain() {
    var bytes: (UInt64, UInt64) = (0, 0)
    while withUnsafeMutableBytes(of: &bytes, { read(reading, $0.baseAddress, $0.count) }) > 0 {}
  }
}

/// What has arrived on a socket and was not read yet, in bytes.
func bytesWaiting(on descriptor: Int32) -> Int {
  var count: Int32 = 0
  #if canImport(Darwin)
    // FIONREAD is a macro that Swift does not import.
    return ioctl(descriptor, 0x4004_667f, &count) == 0 ? Int(count) : 0
  #else
    return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  #endif
}

/// Whether something has arrived, or the other side has hung up.
func isReadable(_ descriptor: Int32) -> Bool {
  var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&polled, 1, 0) > 0
}

/// Milliseconds for `poll`, rounded up; -1 is for ever.
func pollTimeout(until deadline: ContinuousClock.Instant?) -> Int32 {
  guard let deadline else { return -1 }
  let left = ContinuousClock.now.duration(to: deadline)
  if left <= .zero { return 0 }
  let (seconds, attoseconds) = left.components
  if seconds > 1_000_000 { return 1_000_000_000 }
  return Int32(seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
}
