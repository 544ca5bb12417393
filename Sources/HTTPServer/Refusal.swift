// What the server itself answers when a request does not get as far as a handler.

struct Refusal: Error {
  let status: Int
  /// For whoever reads the client's log.
  let sentence: String

  /// The request was wrong, and not only too much.
  var isMalformation: Bool { status == 400 || status == 501 }

  static func malformed(_ sentence: String) -> Refusal { Refusal(status: 400, sentence: sentence) }

  static let closing = Refusal(status: 503, sentence: "the server is shutting down")
  static let tooManyConnections = Refusal(status: 503, sentence: "there are too many connections")
  static let tooMuchAtOnce = Refusal(status: 503, sentence: "too much is being sent at once")
  /// An answer of a handler that cannot be sent.
  static let unsendable = Refusal(status: 500, sentence: "the answer's status or headers cannot be sent")

  static func bodyTooLarge(_ limit: Int) -> Refusal {
    Refusal(status: 413, sentence: "the body has more than \(limit) bytes")
  }

  static func headersTooLarge(_ limit: Int) -> Refusal {
    Refusal(status: 431, sentence: "the headers have more than \(limit) bytes")
  }

  /// The connection ends with it: what the client sends next cannot be told from what it wanted to send.
  var response: Response {
    var headers = [Header("Content-Type", "text/plain; charset=utf-8"), Header("Connection", "close")]
    if status == 503 { headers.append(Header("Retry-After", "1")) }
    return Response(status: status, headers: headers, body: Array("\(sentence)\n".utf8))
  }

  /// For a socket to which the library lets nobody write at the moment.
  var bytes: [UInt8] {
    let reason = status == 413 ? "Content Too Large" : "Service Unavailable"
    let head = response.headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    return Array("HTTP/1.1 \(status) \(reason)\r\n\(head)Content-Length: \(response.body.count)\r\n\r\n".utf8)
      + response.body
  }
}
