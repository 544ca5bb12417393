// The socket on which clients arrive.

internal import CMicroHTTPD

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Closed with the value, which must not be before the library has stopped looking at it.
struct Listener: ~Copyable, Sendable {
  let descriptor: Int32
  let port: UInt16

  private init(descriptor: Int32, port: UInt16) {
    self.descriptor = descriptor
    self.port = port
  }

  deinit { close(descriptor) }

  /// Whoever knocks now is refused.
  borrowing func stopListening() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// - Parameters:
  ///   - host: an address or a name; of several addresses an IPv4 one, which is what `localhost` means to most programs.
  ///   - port: 0 takes a free one.
  static func open(host: String, port: UInt16) throws(HTTPServerError) -> Listener {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    #if canImport(Glibc)
      hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      hints.ai_socktype = SOCK_STREAM
    #endif
    var found: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &found)
    guard failure == 0, let found else {
      throw HTTPServerError(
        code: .unknownHost,
        message: "\"\(host)\" is no address to listen on: \(String(cString: gai_strerror(failure)))")
    }
    defer { freeaddrinfo(found) }
    let addresses = sequence(first: found) { $0.pointee.ai_next }.map(\.pointee)
    let chosen = addresses.first { $0.ai_family == AF_INET } ?? found.pointee
    let descriptor = socket(chosen.ai_family, chosen.ai_socktype, chosen.ai_protocol)
    guard descriptor >= 0 else { throw Self.failure(host, port, errno) }
    let listener = Listener(descriptor: descriptor, port: 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    var (yes, no): (Int32, Int32) = (1, 0)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    if chosen.ai_family == AF_INET6 {
      // `::` is everything, IPv4 too.
      setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no, socklen_t(MemoryLayout<Int32>.size))
    }
    guard bind(descriptor, chosen.ai_addr, chosen.ai_addrlen) == 0, listen(descriptor, 1_024) == 0 else {
      throw Self.failure(host, port, errno)
    }
    return Listener(descriptor: listener.release(), port: boundPort(descriptor) ?? port)
  }

  /// Another value is the owner now.
  private consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  private static func boundPort(_ descriptor: Int32) -> UInt16? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard getsockname(descriptor, address, &size) == 0 else { return nil }
        // Both kinds have it in the same place.
        return UnsafeRawPointer(address).loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian
      }
    }
  }

  private static func failure(_ host: String, _ port: UInt16, _ number: Int32) -> HTTPServerError {
    let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    switch number {
    case EADDRINUSE:
      return HTTPServerError(
        code: .addressInUse, message: "another program listens on \(place): choose another port, or 0 for a free one")
    case EADDRNOTAVAIL:
      return HTTPServerError(
        code: .addressNotAvailable, message: "\(host) is no address of this machine: 127.0.0.1 and 0.0.0.0 always are")
    case EACCES, EPERM:
      return HTTPServerError(
        code: .notPermitted, message: "not allowed to listen on \(place): ports below 1024 are for privileged programs")
    default:
      return HTTPServerError(
        code: .cannotStart, message: "cannot listen on \(place): \(String(cString: strerror(number)))")
    }
  }
}
