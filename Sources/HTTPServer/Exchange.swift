// What an HTTP exchange is made of: a request, and an answer that is whole or a stream of events.

/// One request, read whole (its body is bounded by the server's limits).
package struct Request: Sendable {
  /// As sent: `GET`, `POST`.
  package var method: String
  /// The decoded path, without the query: `/mcp`.
  package var path: String
  /// The raw query, without its question mark.
  package var query: String
  /// In the order sent; a name may come more than once. Values are as sent, without the blanks around them.
  package var headers: [Header]
  package var body: [UInt8]
  /// The address of the peer, for logs.
  package var peer: String

  package init(
    method: String, path: String, query: String = "", headers: [Header] = [], body: [UInt8] = [], peer: String = ""
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// All values of a header; names are compared without regard to case.
  package func values(of name: String) -> [String] {
    headers.filter { $0.isNamed(name) }.map(\.value)
  }
}

package struct Header: Sendable, Equatable {
  package var name: String
  package var value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Without regard to case. Names are words of ASCII.
  func isNamed(_ other: String) -> Bool {
    name.utf8.count == other.utf8.count
      && zip(name.utf8, other.utf8).allSatisfy { asciiLowercased($0) == asciiLowercased($1) }
  }
}

private func asciiLowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// What a handler answers with.
package enum Answer: Sendable {
  case whole(Response)
  /// Status and headers at once, the body piece by piece, chunked. The server pulls a piece when the one before is on its
  /// way, so what waits for a slow reader is one piece and what the stream itself keeps. When the client is
  /// gone, the task that pulls is cancelled, so the stream's `onTermination` or `onCancel` is called.
  case streamed(status: Int, headers: [Header], pieces: AsyncStream<[UInt8]>)
}

/// A whole answer. The server itself says how long the body is and what the date is.
package struct Response: Sendable {
  package var status: Int
  package var headers: [Header]
  package var body: [UInt8]

  package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// Called for each request in a task of its own, which is cancelled when the client goes away.
///
/// A client that closes its sending side after the request has gone away, too: the two look the same until something is
/// sent, and a query that runs for nobody costs more than the odd program that does so.
package typealias Handler = @Sendable (Request) async -> Answer

/// Called when the headers of a request are there and before its body is read, on a thread that serves others too: an
/// answer refuses the request at once. The request has no body yet.
package typealias Admit = @Sendable (Request) -> Response?
