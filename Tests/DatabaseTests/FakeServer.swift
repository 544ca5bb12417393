// A socket that says what a test wants, for servers that cannot be had.

import Foundation
import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Listens on a Unix socket; whoever connects and sends a start-up packet gets the same bytes. Then it only listens.
final class FakeServer: Sendable {
  let directory: String
  private let listener: Int32

  /// - Parameter answer: empty for a server that never says anything.
  init(answering answer: [UInt8]) throws {
    var path = Array("/tmp/pgadvisor-XXXXXX".utf8CString)
    guard mkdtemp(&path) != nil else { throw CommandFailure(description: "no temporary directory") }
    directory = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #if canImport(Darwin)
      listener = socket(AF_UNIX, SOCK_STREAM, 0)
    #else
      listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    let descriptor = listener
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = "\(directory)/.s.PGSQL.5432"
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isBound, listen(descriptor, 8) == 0 else { throw CommandFailure(description: "no socket") }
    Thread.detachNewThread {
      while case let client = accept(descriptor, nil, nil), client >= 0 {
        var packet = [UInt8](repeating: 0, count: 4_096)
        guard read(client, &packet, packet.count) > 0 else { continue }
        _ = answer.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
      }
      // Closed here and nowhere else: another server would get the same number, and this thread its clients.
      close(descriptor)
    }
  }

  deinit {
    // Ends `accept`, now or when it is called next.
    shutdown(listener, Int32(SHUT_RDWR))
    try? FileManager.default.removeItem(atPath: directory)
  }

  func url(role: String = "alice", password: String = "hunter2") -> String {
    "postgresql://\(role):\(password)@/shop?host=\(directory)"
  }

  /// An ErrorResponse as servers send it.
  static func refusal(_ state: String, _ message: String) -> [UInt8] {
    var body: [UInt8] = []
    for (code, text) in [("S", "FATAL"), ("V", "FATAL"), ("C", state), ("M", message)] {
      body += Array(code.utf8) + Array(text.utf8) + [0]
    }
    return Self.message("E", body + [0])
  }

  /// A start-up that succeeds, of a server of this version.
  static func welcome(version: String) -> [UInt8] {
    let parameter = Array("server_version".utf8) + [0] + Array(version.utf8) + [0]
    return message("R", [0, 0, 0, 0]) + message("S", parameter) + message("K", [0, 0, 0, 1, 0, 0, 0, 2])
      + message("Z", Array("I".utf8))
  }

  private static func message(_ kind: String, _ body: [UInt8]) -> [UInt8] {
    let length = UInt32(body.count + 4)
    return Array(kind.utf8) + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
  }
}
