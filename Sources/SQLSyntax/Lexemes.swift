// A text cut along PostgreSQL's lexical rules, coarsely, in one pass and without memory of its own.
//
// For finding the ends of statements and counting tokens in texts of many megabytes, where libpg_query's lexer takes
// fifty bytes a byte and its splitter ends the process at an unterminated string. Wherever the kind of a token matters,
// `tokens(of:)` is asked. Rules: https://www.postgresql.org/docs/current/sql-syntax-lexical.html, and scan.l.

/// A run of bytes with one lexical meaning.
struct Lexeme {
  enum Kind {
    /// A keyword or unquoted name.
    case word
    /// A constant, quoted name or parameter; a prefix such as the `U&` of `U&'…'` comes before as lexemes of its own.
    case value
    /// To the end of its line, or bracketed.
    case comment
    /// A semicolon, bracket or one character of an operator.
    case mark(UInt8)
  }

  let kind: Kind
  let range: Range<Int>

  var isComment: Bool { if case .comment = kind { true } else { false } }
}

/// Reads one lexeme after the other. Strings are read as under `standard_conforming_strings = on`; what is not
/// terminated goes to the end of the text.
struct LexemeReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  /// How many operator characters and beginnings of comments the last ones stood side by side.
  private var chain = 0
  /// The most operator characters and beginnings of comments that stood side by side so far. libpg_query's lexer looks
  /// at the rest of such a run again for each of them: 200 KB of `+-` take it minutes.
  private(set) var longestChain = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func next() -> Lexeme? {
    let end = position
    while Self.isSpace(byte()) { position += 1 }
    guard position < bytes.count else { return nil }
    let start = position
    if start > end || !Self.isOperator(bytes[start]) { chain = 0 }
    if Self.isOperator(bytes[start]) { addToChain() }
    let kind = read(bytes[start])
    return Lexeme(kind: kind, range: start..<position)
  }

  private mutating func addToChain() {
    chain += 1
    longestChain = max(longestChain, chain)
  }

  /// The byte some places on; 0 past the end.
  private func byte(_ ahead: Int = 0) -> UInt8 {
    position + ahead < bytes.count ? bytes[position + ahead] : 0
  }

  private mutating func read(_ first: UInt8) -> Lexeme.Kind {
    switch first {
    case UInt8(ascii: "-") where byte(1) == first:
      skipLine()
      return .comment
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
      skipBracketedComment()
      return .comment
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      skipQuoted(by: first, hasEscapes: false)
      return .value
    case UInt8(ascii: "$"):
      return skipDollar() ? .value : mark(first)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      repeat { position += 1 } while Self.isNameStart(byte()) || Self.isDigit(byte()) || byte() == UInt8(ascii: ".")
      return .value
    case _ where Self.isNameStart(first):
      let start = position
      repeat { position += 1 } while Self.isName(byte())
      guard position - start == 1, first | 0x20 == UInt8(ascii: "e"), byte() == UInt8(ascii: "'") else { return .word }
      skipEscapeString()
      return .value
    default:
      return mark(first)
    }
  }

  private mutating func mark(_ byte: UInt8) -> Lexeme.Kind {
    position += 1
    return .mark(byte)
  }

  private mutating func skipLine() {
    while position < bytes.count, !Self.isNewline(bytes[position]) { position += 1 }
  }

  private mutating func skipBracketedComment() {
    var depth = 0
    let before = chain
    while position < bytes.count {
      if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        if depth > 0 { addToChain() }
        depth += 1
        position += 2
      } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 {
          chain = max(chain, before)
          return
        }
      } else {
        if !Self.isOperator(bytes[position]) { chain = 0 }
        position += 1
      }
    }
  }

  /// A doubled quote does not end the string.
  private mutating func skipQuoted(by quote: UInt8, hasEscapes: Bool) {
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if hasEscapes, byte == UInt8(ascii: "\\") {
        position = min(position + 1, bytes.count)
      } else if byte == quote {
        guard self.byte() == quote else { return }
        position += 1
      }
    }
  }

  /// `E'…'`, and the strings that continue it: those with a line break and nothing but space and line comments before.
  private mutating func skipEscapeString() {
    while true {
      skipQuoted(by: UInt8(ascii: "'"), hasEscapes: true)
      let end = position
      guard skipSpaceAndLineComments(), byte() == UInt8(ascii: "'") else {
        position = end
        return
      }
    }
  }

  /// Whether there was a line break.
  private mutating func skipSpaceAndLineComments() -> Bool {
    var hasLineBreak = false
    while position < bytes.count {
      if Self.isSpace(byte()) {
        hasLineBreak = hasLineBreak || Self.isNewline(byte())
        position += 1
      } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
        skipLine()
      } else {
        break
      }
    }
    return hasLineBreak
  }

  /// `$1` or `$tag$…$tag$`; false if the dollar sign begins neither.
  private mutating func skipDollar() -> Bool {
    var end = position + 1
    if Self.isDigit(byte(1)) {
      while end < bytes.count, Self.isDigit(bytes[end]) { end += 1 }
      position = end
      return true
    }
    if Self.isNameStart(byte(1)) {
      while end < bytes.count, Self.isName(bytes[end]), bytes[end] != UInt8(ascii: "$") { end += 1 }
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return false }
    let delimiter = bytes[position...end]
    position = end + 1
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "$"), bytes[position...].starts(with: delimiter) {
        position += delimiter.count
        return true
      }
      position += 1
    }
    return true
  }

  // MARK: - Kinds of bytes

  private static let name: UInt8 = 1
  private static let digit: UInt8 = 2
  private static let nameStart: UInt8 = 4
  private static let space: UInt8 = 8
  private static let operatorCharacter: UInt8 = 16

  /// By byte: a letter whose low bits say what the byte can be part of. In a table because every byte of a long text is
  /// asked for it.
  private static let kinds: StaticString = """
    @@@@@@@@@HHHHH@@@@@@@@@@@@@@@@@@HP@PAPP@@@PP@P@PCCCCCCCCCC@@PPPP\
    PEEEEEEEEEEEEEEEEEEEEEEEEEE@@@PEPEEEEEEEEEEEEEEEEEEEEEEEEEE@P@P@\
    EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE\
    EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
    """

  @inline(__always)
  private static func isAny(_ byte: UInt8, _ kind: UInt8) -> Bool { kinds.utf8Start[Int(byte)] & kind != 0 }

  static func isSpace(_ byte: UInt8) -> Bool { isAny(byte, space) }
  private static func isNewline(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
  private static func isOperator(_ byte: UInt8) -> Bool { isAny(byte, operatorCharacter) }
  private static func isDigit(_ byte: UInt8) -> Bool { isAny(byte, digit) }
  private static func isName(_ byte: UInt8) -> Bool { isAny(byte, name) }
  private static func isNameStart(_ byte: UInt8) -> Bool { isAny(byte, nameStart) }
}
