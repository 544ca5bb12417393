// Small files that are read whole: the configuration, passwords, tokens.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a file held when it was read, and who else may read it.
struct SmallFile: Sendable {
  let bytes: [UInt8]
  /// By others than its owner and its group.
  let isReadableByAll: Bool

  struct Failure: Error {
    /// The operating system's reason.
    var reason: String
  }

  /// - Parameter limit: in bytes.
  init(at path: String, limit: Int) throws(Failure) {
    // Not waiting: somebody may have put a pipe there that nobody writes to.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waited, 1, 5_000) > 0 else { throw Failure(reason: "nothing comes from it") }
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw Failure(reason: "it is larger than \(limit) bytes") }
    }
    self.bytes = bytes
    isReadableByAll = isFile && status.st_mode & S_IROTH != 0
  }
}
