// The answers of HTTP: statuses, headers and bodies, the same everywhere.

import HTTPServer
import JSON

extension Answer {
  fileprivate static let jsonHeaders = [
    Header("Content-Type", "application/json"), Header("Cache-Control", "no-store"),
    Header("X-Content-Type-Options", "nosniff"),
  ]

  static func json(_ bytes: [UInt8], status: Int = 200, _ more: [Header] = []) -> Answer {
    .whole(.json(bytes, status: status, more))
  }

  static func json(_ segments: Segments, status: Int, _ more: [Header] = []) -> Answer {
    .streamed(status: status, headers: jsonHeaders + more, pieces: segments.pieces())
  }

  static func empty(_ status: Int, _ more: [Header] = []) -> Answer { .whole(.empty(status, more)) }

  /// - Parameter pieces: frames of server-sent events.
  static func events(_ pieces: AsyncStream<[UInt8]>, _ more: [Header] = []) -> Answer {
    .streamed(
      status: 200,
      headers: [
        Header("Content-Type", "text/event-stream"), Header("Cache-Control", "no-cache, no-transform"),
        Header("X-Accel-Buffering", "no"), Header("X-Content-Type-Options", "nosniff"),
      ] + more,
      pieces: pieces)
  }
}

extension Response {
  static func json(_ bytes: [UInt8], status: Int = 200, _ more: [Header] = []) -> Response {
    Response(status: status, headers: Answer.jsonHeaders + more, body: bytes)
  }

  static func empty(_ status: Int, _ more: [Header] = []) -> Response { Response(status: status, headers: more) }

  static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8", _ more: [Header] = [])
    -> Response
  {
    Response(
      status: status,
      headers: [
        Header("Content-Type", type), Header("Cache-Control", "no-store"), Header("X-Content-Type-Options", "nosniff"),
      ] + more,
      body: Array(text.utf8))
  }

  /// An error of the protocol that concerns no request which could be read.
  static func refusal(_ message: String, status: Int) -> Response {
    let error = ProtocolError(.invalidRequest, message)
    return json(JSONValue.object(error.response(to: nil)).bytes(), status: status)
  }
}
