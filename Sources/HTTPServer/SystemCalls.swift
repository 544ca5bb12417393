// The few system calls this room needs beside its library: sockets, threads, and waiting for many descriptors.

internal import CMicroHTTPD

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Ends a connection that somebody else will close.
func hangUp(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

/// Says that nothing more will be sent.
func endSending(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

/// As much as goes at once.
func sendNow(_ bytes: [UInt8], to descriptor: Int32) {
  #if canImport(Glibc)
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
  #else
    let flags = MSG_DONTWAIT
  #endif
  _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
}

/// Bounds what the system keeps for a reader beyond what the network takes.
func boundUnsent(_ descriptor: Int32, to bytes: Int32) {
  #if canImport(Glibc)
    var bytes = bytes
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &bytes, socklen_t(MemoryLayout<Int32>.size))
  #endif
}

/// Another descriptor of the same socket.
func duplicate(_ descriptor: Int32) -> Int32? {
  let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  return copy < 0 ? nil : copy
}

func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// The address alone, without brackets or port; an IPv4 address that came in by IPv6 as itself.
func addressText(_ address: UnsafePointer<sockaddr>) -> String {
  let isLong = Int32(address.pointee.sa_family) == AF_INET6
  let size = socklen_t(isLong ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
  var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
  guard getnameinfo(address, size, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else { return "" }
  let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return name.hasPrefix("::ffff:") && name.contains(".") ? String(name.dropFirst(7)) : name
}

/// Lets the process have as many descriptors as it will need, as far as it may.
func raiseDescriptorLimit(to wanted: Int) {
  var limit = rlimit()
  #if canImport(Glibc)
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    let resource = RLIMIT_NOFILE
  #endif
  guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(wanted) else { return }
  limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
  setrlimit(resource, &limit)
}

/// Milliseconds for `poll` and its like, rounded up; -1 is for ever.
func pollTimeout(until deadline: ContinuousClock.Instant?) -> Int32 {
  guard let deadline else { return -1 }
  let left = ContinuousClock.now.duration(to: deadline)
  if left <= .zero { return 0 }
  let (seconds, attoseconds) = left.components
  return Int32(min(seconds, 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
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

/// What one read did.
enum Received { case bytes(Int), nothingYet, end }

func receiveNow(_ buffer: inout [UInt8], from descriptor: Int32) -> Received {
  #if canImport(Glibc)
    let flags = Int32(MSG_DONTWAIT)
  #else
    let flags = MSG_DONTWAIT
  #endif
  let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, flags) }
  if count > 0 { return .bytes(count) }
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothingYet : .end
}
