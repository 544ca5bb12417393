// A client that says exactly what a test wants, good or bad, over one socket.

import HTTPServer

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

struct ClientFailure: Error, CustomStringConvertible {
  let description: String
}

/// What came back.
struct RawAnswer: Sendable {
  let status: Int
  let headers: [Header]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  subscript(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}

/// Blocks its thread, so that it must not be one of the tasks': see `offPool`.
final class RawClient {
  let descriptor: Int32
  private var received: [UInt8] = []
  private var isOpen = true

  /// - Parameter receiveBuffer: small for a reader that is soon full.
  init(_ port: UInt16, host: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), nil, &found) == 0, let address = found else {
      throw ClientFailure(description: "no address for \(host)")
    }
    defer { freeaddrinfo(address) }
    #if canImport(Glibc)
      descriptor = socket(address.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(address.pointee.ai_family, SOCK_STREAM, 0)
    #endif
    if var size = receiveBuffer {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    guard connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
      let number = errno
      close()
      throw ClientFailure(description: "no connection to \(host): \(String(cString: strerror(number)))")
    }
  }

  deinit { close() }

  func close() {
    if isOpen { _ = shutdownless(descriptor) }
    isOpen = false
  }

  private func shutdownless(_ descriptor: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.close(descriptor)
    #else
      Darwin.close(descriptor)
    #endif
  }

  /// Says that it will send no more, and still reads.
  func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// False: the server does not take it any more.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var position = 0
    while position < bytes.count {
      #if canImport(Glibc)
        let flags = Int32(MSG_NOSIGNAL)
      #else
        let flags: Int32 = 0
      #endif
      let count = bytes.withUnsafeBytes { all in
        let rest = UnsafeRawBufferPointer(rebasing: all[position...])
        #if canImport(Glibc)
          return Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
        #else
          return Darwin.send(descriptor, rest.baseAddress, rest.count, flags)
        #endif
      }
      guard count > 0 else { return false }
      position += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// A request as programs send it.
  @discardableResult
  func request(_ method: String = "GET", _ target: String = "/", _ headers: String = "", body: String? = nil) -> Bool {
    let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
    return send("\(method) \(target) HTTP/1.1\r\nHost: test\r\n\(headers)\(length)\r\n\(body ?? "")")
  }

  /// What has arrived and was not read yet; more of it if `count` is not reached, up to the end or the time.
  /// Nil: the connection is at its end, and there is nothing.
  func receive(atLeast count: Int = 1, within milliseconds: Int32 = 5_000) throws -> [UInt8]? {
    while received.count < count {
      guard try receiveMore(within: milliseconds) else { break }
    }
    defer { received = [] }
    return received.isEmpty ? nil : received
  }

  /// False: the end.
  private func receiveMore(within milliseconds: Int32) throws -> Bool {
    var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waited, 1, milliseconds) > 0 else {
      throw ClientFailure(
        description:
          "nothing came in \(milliseconds) ms behind \"\(String(decoding: received.suffix(200), as: UTF8.self))\"")
    }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    received += chunk[..<count]
    return true
  }

  /// Whether the server has closed the connection, or does so in time. What it says before is thrown away.
  func isClosed(within milliseconds: Int32 = 5_000) -> Bool {
    var more = true
    do { while more { more = try receiveMore(within: milliseconds) } } catch { return false }
    return true
  }

  /// The next line without its end.
  func line(within milliseconds: Int32 = 5_000) throws -> String {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        let line = received[..<end]
        received.removeSubrange(...end)
        return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
      }
      guard try receiveMore(within: milliseconds) else {
        throw ClientFailure(description: "the end came in a line: \(String(decoding: received, as: UTF8.self))")
      }
    }
  }

  func bytes(_ count: Int) throws -> [UInt8] {
    while received.count < count {
      guard try receiveMore(within: 5_000) else {
        throw ClientFailure(description: "the end came \(count) bytes early")
      }
    }
    defer { received.removeSubrange(..<count) }
    return Array(received[..<count])
  }

  func head(within milliseconds: Int32 = 5_000) throws -> RawAnswer {
    let words = try line(within: milliseconds).split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
      throw ClientFailure(description: "no status line: \(words)")
    }
    var headers: [Header] = []
    while true {
      let line = try line()
      if line.isEmpty { return RawAnswer(status: status, headers: headers, body: []) }
      let parts = line.split(separator: ":", maxSplits: 1)
      headers.append(Header(String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""))
    }
  }

  /// One chunk; nil is the last.
  func chunk() throws -> [UInt8]? {
    guard let count = Int(try line(), radix: 16) else { throw ClientFailure(description: "no size of a chunk") }
    let chunk = try bytes(count)
    _ = try line()
    return count == 0 ? nil : chunk
  }

  func answer(hasBody: Bool = true, within milliseconds: Int32 = 5_000) throws -> RawAnswer {
    let head = try head(within: milliseconds)
    var body: [UInt8] = []
    if !hasBody || [204, 304].contains(head.status) {
    } else if head["transfer-encoding"] == "chunked" {
      while let chunk = try chunk() { body += chunk }
    } else if let length = head["content-length"].flatMap({ Int($0) }) {
      body = try bytes(length)
    } else {
      while try receiveMore(within: milliseconds) {}
      body = try receive(atLeast: 0) ?? []
    }
    return RawAnswer(status: head.status, headers: head.headers, body: body)
  }
}

/// Runs what blocks on a thread of its own: the tasks' threads are few, and the server's handlers need them.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
    let work = Unmanaged.passRetained(Work { continuation.resume(with: Result(catching: body)) })
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    let failure = pthread_create(
      &thread, nil,
      { argument in
        #if canImport(Darwin)
          Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        #else
          if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
        #endif
        return nil
      }, work.toOpaque())
    guard failure == 0 else {
      work.release()
      return continuation.resume(throwing: ClientFailure(description: "no thread for the client"))
    }
    #if canImport(Darwin)
      if let thread { pthread_detach(thread) }
    #else
      pthread_detach(thread)
    #endif
  }
}

private final class Work: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Whether it becomes true in time.
func becomes(within time: Duration = .seconds(20), _ condition: () throws -> Bool) async rethrows -> Bool {
  let deadline = ContinuousClock.now + time
  while try !condition() {
    if ContinuousClock.now > deadline { return false }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return true
}

/// So that what was sent before arrives by itself.
func pauseBriefly() { usleep(3_000) }
