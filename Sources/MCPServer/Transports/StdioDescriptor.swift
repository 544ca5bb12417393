// The system calls of stdio: poll, read, write, and a thread on which to wait for them.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What one read or write did.
enum Transfer: Sendable {
  case bytes(Int)
  /// Interrupted, or not ready after all.
  case nothingYet
  /// The other side has left, or the descriptor is none.
  case end
}

/// A descriptor that somebody else opened, and whose mode is left alone: another process may share it.
struct StdioDescriptor: Sendable {
  let number: Int32

  func isReadable(within milliseconds: Int32) -> Bool { isReady(POLLIN, milliseconds) }

  func isWritable(within milliseconds: Int32) -> Bool { isReady(POLLOUT, milliseconds) }

  /// Also true where the call that follows will fail at once.
  private func isReady(_ event: Int32, _ milliseconds: Int32) -> Bool {
    var waited = pollfd(fd: number, events: Int16(event), revents: 0)
    return poll(&waited, 1, milliseconds) > 0
  }

  func read(into chunk: inout [UInt8]) -> Transfer {
    #if canImport(Glibc)
      let count = Glibc.read(number, &chunk, chunk.count)
    #else
      let count = Darwin.read(number, &chunk, chunk.count)
    #endif
    if count > 0 { return .bytes(count) }
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? .nothingYet : .end
  }

  func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    #if canImport(Glibc)
      let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
    #else
      let count = bytes.withUnsafeBytes { Darwin.write(number, $0.baseAddress, $0.count) }
    #endif
    if count >= 0 { return .bytes(count) }
    return errno == EINTR || errno == EAGAIN ? .nothingYet : .end
  }
}

func pauseThread(milliseconds: UInt32) { usleep(milliseconds * 1_000) }

/// False: there was no thread to be had.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  let box = Unmanaged.passRetained(ThreadBody(body))
  #if canImport(Darwin)
    var thread: pthread_t?
  #else
    var thread = pthread_t()
  #endif
  let failure = pthread_create(
    &thread, nil,
    { argument in
      #if canImport(Darwin)
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      #else
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
      #endif
      return nil
    }, box.toOpaque())
  guard failure == 0 else {
    box.release()
    return false
  }
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif
  return true
}

private final class ThreadBody: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  func run() { body() }
}
