// What stands before a request's body, read strictly: what two programs could read differently is refused.

/// A request without its body, and how long that will be.
struct RequestHead: Sendable {
  enum BodyLength: Equatable { case none, bytes(Int), chunked }

  let request: Request
  let bodyLength: BodyLength

  /// - Parameters:
  ///   - target: the request's second word, as sent.
  ///   - headers: with the blanks that stand behind their values.
  init(method: String, target: [UInt8], version: String, headers: [Header], peer: String) throws(Refusal) {
    guard isToken(method.utf8) else { throw .malformed("the method is not a word") }
    guard let (path, query) = Self.parts(of: target) else { throw .malformed("the request's target cannot be read") }
    for header in headers where !isToken(header.name.utf8) || !isText(header.value.utf8) {
      throw .malformed("a header's name is not a word, or its value has control characters")
    }
    // As the library takes them, blanks included: both must see the same body.
    bodyLength = try Self.bodyLength(of: headers, version: version)
    request = Request(
      method: method, path: path, query: query, headers: headers.map { Header($0.name, trimmed($0.value)) }, peer: peer)
    let hosts = request.values(of: "host").count
    guard hosts == 1 || (hosts == 0 && version == "HTTP/1.0") else { throw .malformed("there must be one Host header") }
  }

  /// RFC 9112, section 6.3, less what it allows to be lenient about.
  private static func bodyLength(of headers: [Header], version: String) throws(Refusal) -> BodyLength {
    let lengths = headers.filter { $0.isNamed("content-length") }.map(\.value)
    let encodings = headers.filter { $0.isNamed("transfer-encoding") }.map(\.value)
    if encodings.isEmpty {
      guard let length = lengths.first else { return .none }
      guard lengths.count == 1 else { throw .malformed("there is more than one Content-Length") }
      // The library has seen to it that this is a number; one that does not fit is too large for every limit.
      return length.allSatisfy { $0 == "0" } ? .none : .bytes(Int(length) ?? .max)
    }
    guard lengths.isEmpty, version != "HTTP/1.0" else { throw .malformed("the length of the body is ambiguous") }
    guard encodings.count == 1, encodings[0].lowercased() == "chunked" else {
      throw Refusal(status: 501, sentence: "chunked is the only transfer encoding known here")
    }
    return .chunked
  }

  /// Path and query of `/path?query`, `http://host/path?query` or `*`.
  private static func parts(of target: [UInt8]) -> (path: String, query: String)? {
    guard target.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else { return nil }
    var rest = target[...]
    for scheme in ["http://", "https://"] where rest.lowercasedStarts(with: scheme) {
      rest = rest.dropFirst(scheme.utf8.count)
      rest = rest[(rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex)...]
      if rest.first != UInt8(ascii: "/") { rest = [UInt8(ascii: "/")] + rest }
    }
    guard rest.first == UInt8(ascii: "/") || rest.elementsEqual("*".utf8) else { return nil }
    let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
    guard let path = decoded(rest[..<end]) else { return nil }
    return (path, String(decoding: rest[end...].dropFirst(), as: UTF8.self))
  }

  /// Percent signs and their two digits become bytes, which must be text.
  private static func decoded(_ path: ArraySlice<UInt8>) -> String? {
    guard path.contains(UInt8(ascii: "%")) else { return String(decoding: path, as: UTF8.self) }
    var bytes: [UInt8] = []
    var position = path.startIndex
    while position < path.endIndex {
      if path[position] == UInt8(ascii: "%") {
        guard position + 2 < path.endIndex, let high = digit(path[position + 1]), let low = digit(path[position + 2])
        else { return nil }
        bytes.append(high << 4 | low)
        position += 3
      } else {
        bytes.append(path[position])
        position += 1
      }
    }
    guard isText(bytes) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}

/// A word of RFC 9110, section 5.6.2.
func isToken(_ bytes: some Collection<UInt8>) -> Bool {
  !bytes.isEmpty
    && bytes.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
}

/// No control characters but the tabulator.
func isText(_ bytes: some Sequence<UInt8>) -> Bool { bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }

private func trimmed(_ text: String) -> String {
  let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
  guard let last = text.utf8.last, isBlank(last) else { return text }
  return String(decoding: text.utf8.reversed().drop(while: isBlank).reversed(), as: UTF8.self)
}

extension ArraySlice<UInt8> {
  fileprivate func lowercasedStarts(with text: String) -> Bool {
    count >= text.utf8.count && zip(self, text.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
  }
}
