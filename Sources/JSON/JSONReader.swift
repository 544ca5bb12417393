// Bytes to values by RFC 8259, strictly.

/// Why a document is not JSON.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  package var message: String
  /// Byte offset.
  package var position: Int
  package var description: String { "\(message) at byte \(position)" }
}

extension JSONValue {
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.document()
  }

  package init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0
  static let maximumDepth = 512
  static let fewKeys = 16

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("unexpected bytes after the document") }
    return value
  }

  private func error(_ message: String) -> JSONError { JSONError(message: message, position: position) }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw error("nested too deeply") }
    skipSpace()
    guard position < bytes.count else { throw error("unexpected end") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for byte in word.description.utf8 {
      guard position < bytes.count, bytes[position] == byte else { throw error("unexpected character") }
      position += 1
    }
    return value
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat { elements.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw error("expected , or ]") }
    return .array(elements)
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var entries: [(key: String, value: JSONValue)] = []
    // Most objects are small, and comparing a few keys costs less than hashing them. As everywhere in Swift, keys that
    // differ only in how their accents are composed are equal: looking one up could not tell them apart.
    var keys: Set<String> = []
    if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
    repeat {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw error("expected a key") }
      let key = try string()
      if entries.count == Self.fewKeys { keys = Set(entries.lazy.map(\.key)) }
      let isNew = entries.count < Self.fewKeys ? !entries.contains { $0.key == key } : keys.insert(key).inserted
      guard isNew else { throw error("duplicate key") }
      guard take(UInt8(ascii: ":")) else { throw error("expected :") }
      entries.append((key, try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw error("expected , or }") }
    return .object(JSONObject(entries))
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    // Stays empty in a text without escapes, which is read where it stands.
    var text: [UInt8] = []
    while true {
      let start = position
      var end = start
      while end < bytes.count, Self.standsForItself(bytes[end]) { end += 1 }
      position = end
      guard end < bytes.count else { throw error("unterminated string") }
      switch bytes[end] {
      case UInt8(ascii: "\""):
        let rest = bytes[start..<end]
        let string = String(validating: text.isEmpty ? rest : text[...] + rest, as: UTF8.self)
        guard let string else { throw error("not UTF-8") }
        position += 1
        return string
      case UInt8(ascii: "\\"):
        text += bytes[start..<end]
        position += 1
        text += String(try escape()).utf8
      default: throw error("control character in a string")
      }
    }
  }

  private static func standsForItself(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard position < bytes.count else { throw error("unterminated string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try scalar(from: hex())
    default: throw error("unknown escape")
    }
  }

  /// What a `\u` escape says; a high surrogate takes the escape behind it along.
  private mutating func scalar(from code: UInt32) throws(JSONError) -> Unicode.Scalar {
    var code = code
    if (0xd800..<0xdc00).contains(code) {
      guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      else { throw error("lone surrogate") }
      position += 2
      let low = try hex()
      guard (0xdc00..<0xe000).contains(low) else { throw error("lone surrogate") }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate") }
    return scalar
  }

  private mutating func hex() throws(JSONError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("unterminated escape") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw error("bad escape")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }

  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    return position - start
  }

  /// The value of a minus sign, if any, and digits; nil where 64 bits do not hold it.
  private func integer(in range: Range<Int>) -> Int64? {
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    // Counting downwards reaches Int64.min, which has no positive twin.
    for byte in bytes[(range.lowerBound + (isNegative ? 1 : 0))..<range.upperBound] {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, underflow) = tens.subtractingReportingOverflow(Int64(byte - 0x30))
      guard !overflow, !underflow else { return nil }
      value = next
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let first = position
    let whole = digits()
    guard whole > 0 else { throw error("unexpected character") }
    guard whole == 1 || bytes[first] != UInt8(ascii: "0") else { throw error("leading zero") }
    var isInteger = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      isInteger = false
      guard digits() > 0 else { throw error("expected a digit") }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      isInteger = false
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      guard digits() > 0 else { throw error("expected a digit") }
    }
    if isInteger, let integer = integer(in: start..<position) { return .integer(integer) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let number = Double(text), number.isFinite else { throw error("number out of range") }
    return .number(number)
  }
}
