// Swift text as tokens: enough to see words without mistaking a comment or a string for code.

/// A word, a number, a sign, or a string (whose contents are left out; what is interpolated into it follows).
struct Token: Equatable {
  enum Kind { case word, number, sign, string }

  let kind: Kind
  let text: String
  /// From 1.
  let line: Int
}

/// Reads Swift; regex literals are not known, and the house uses none.
struct SwiftTokens {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var tokens: [Token] = []

  static func read(_ text: String) -> [Token] {
    var reader = SwiftTokens(bytes: Array(text.utf8))
    reader.code(isInterpolated: false)
    return reader.tokens
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func peek(_ offset: Int = 0) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private func stands(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
    peek() == UInt8(ascii: first) && peek(1) == UInt8(ascii: second)
  }

  private var isThreeQuotes: Bool { stands("\"", "\"") && peek(2) == UInt8(ascii: "\"") }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  /// Up to the end, or to the parenthesis that closes an interpolation.
  private mutating func code(isInterpolated: Bool) {
    var depth = 0
    while position < bytes.count {
      let byte = peek()
      if stands("/", "/") {
        while position < bytes.count, peek() != UInt8(ascii: "\n") { advance() }
      } else if stands("/", "*") {
        blockComment()
      } else if byte == UInt8(ascii: "\"") || (byte == UInt8(ascii: "#") && isRawString) {
        string()
      } else if Self.isWord(byte) {
        word()
      } else {
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        if isInterpolated && depth < 0 { return }
        if byte > 0x20 { tokens.append(Token(kind: .sign, text: String(Unicode.Scalar(byte)), line: line)) }
        advance()
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if stands("/", "*") {
        depth += 1
        advance(2)
      } else if stands("*", "/") {
        depth -= 1
        advance(2)
      } else {
        advance()
      }
    } while depth > 0 && position < bytes.count
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private mutating func word() {
    let start = position
    while Self.isWord(peek()) { advance() }
    let isNumber = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[start])
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    tokens.append(Token(kind: isNumber ? .number : .word, text: text, line: line))
  }

  private var isRawString: Bool {
    var offset = 0
    while peek(offset) == UInt8(ascii: "#") { offset += 1 }
    return peek(offset) == UInt8(ascii: "\"")
  }

  private mutating func string() {
    var pounds = 0
    while peek() == UInt8(ascii: "#") {
      pounds += 1
      advance()
    }
    tokens.append(Token(kind: .string, text: "\"", line: line))
    let isLong = isThreeQuotes
    advance(isLong ? 3 : 1)
    while position < bytes.count {
      if peek() == UInt8(ascii: "\\"), hasPounds(pounds, at: 1) {
        advance(1 + pounds)
        guard peek() == UInt8(ascii: "(") else {
          advance()
          continue
        }
        advance()
        code(isInterpolated: true)
        advance()
      } else if isLong ? isThreeQuotes : peek() == UInt8(ascii: "\""), hasPounds(pounds, at: isLong ? 3 : 1) {
        return advance((isLong ? 3 : 1) + pounds)
      } else {
        advance()
      }
    }
  }

  private func hasPounds(_ count: Int, at offset: Int) -> Bool {
    (0..<count).allSatisfy { peek(offset + $0) == UInt8(ascii: "#") }
  }
}
