// Where statements begin and end in a text.

/// A piece of a text that has not been parsed.
package struct StatementText: Sendable, Equatable {
  /// No semicolon, no white space or comments before or after.
  package let text: String
  /// Where `text` begins in the source, in bytes.
  package let offset: Int
}

/// Cuts a text at its semicolons without parsing it, so that one wrong statement takes no other along. Semicolons inside
/// brackets, strings, quoted names, comments and `BEGIN ATOMIC … END` bodies do not cut. Of a text with an unterminated
/// string or comment the rest is one piece, which will say so when it is parsed.
package func splitStatements(_ text: String) -> [StatementText] {
  var source = text
  let ranges = source.withUTF8 { Splitter.ranges(in: $0) }
  return ranges.map { StatementText(text: source.piece($0), offset: $0.lowerBound) }
}

/// The statements of a parsed text.
func statements(of result: Node, in source: String) throws(SyntaxError) -> [Statement] {
  var source = source
  let length = source.utf8.count
  var found: [Statement] = []
  for raw in result.children(.stmts) {
    guard let node = raw.child(.stmt) else { throw WireFault.truncated.syntaxError }
    let start = raw.integer(.stmtLocation)
    // A length of 0 means: to the end of the text.
    let end = raw.integer(.stmtLen) == 0 ? length : start + raw.integer(.stmtLen)
    guard start >= 0, start <= end, end <= length else { throw WireFault.badNumber.syntaxError }
    let core = source.withUTF8 { Splitter.core(of: UnsafeBufferPointer(rebasing: $0[start..<end])) }
    let range = start + core.lowerBound..<start + core.upperBound
    found.append(Statement(node: node, text: source.piece(range), offset: range.lowerBound))
  }
  return found
}

private enum Splitter {
  /// From the first to the last lexeme that is no comment.
  static func core(of bytes: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    var reader = LexemeReader(bytes)
    var first = reader.next()
    while let comment = first, comment.isComment { first = reader.next() }
    guard var range = first?.range else { return 0..<0 }
    guard hasComments(UnsafeBufferPointer(rebasing: bytes[range.lowerBound...])) else {
      let end = bytes.lastIndex { !LexemeReader.isSpace($0) } ?? range.lowerBound
      return range.lowerBound..<end + 1
    }
    while let lexeme = reader.next() {
      if !lexeme.isComment { range = range.lowerBound..<lexeme.range.upperBound }
    }
    return range
  }

  /// False only if there is nothing that could begin a comment, be it in a string. Looks at all bytes without asking
  /// whether to go on, which compilers turn into a look at many bytes at once.
  private static func hasComments(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var found: UInt8 = 0
    for index in 0..<max(bytes.count - 1, 0) {
      let (byte, next) = (bytes[index], bytes[index + 1])
      found |= (byte == UInt8(ascii: "-") ? 1 : 0) & (next == UInt8(ascii: "-") ? 1 : 0)
      found |= (byte == UInt8(ascii: "/") ? 1 : 0) & (next == UInt8(ascii: "*") ? 1 : 0)
    }
    return found != 0
  }

  static func ranges(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var reader = LexemeReader(bytes)
    var found: [Range<Int>] = []
    var range: Range<Int>?
    var brackets = 0
    var blocks = AtomicBlocks()
    while let lexeme = reader.next() {
      switch lexeme.kind {
      case .comment: continue
      case .mark(UInt8(ascii: "(")): brackets += 1
      case .mark(UInt8(ascii: ")")): brackets = max(0, brackets - 1)
      case .mark(UInt8(ascii: ";")) where brackets == 0 && !blocks.isInside:
        if let range { found.append(range) }
        range = nil
        blocks = AtomicBlocks()
        continue
      default: break
      }
      blocks.read(lexeme, in: bytes)
      range = (range?.lowerBound ?? lexeme.range.lowerBound)..<lexeme.range.upperBound
    }
    if let range { found.append(range) }
    return found
  }
}

/// Follows the bodies of SQL-standard functions, `BEGIN ATOMIC …; …; END`, in which CASE has an END of its own.
/// https://www.postgresql.org/docs/current/sql-createfunction.html
private struct AtomicBlocks {
  private var depth = 0
  private var isAfterBegin = false

  var isInside: Bool { depth > 0 }

  mutating func read(_ lexeme: Lexeme, in bytes: UnsafeBufferPointer<UInt8>) {
    guard case .word = lexeme.kind else {
      isAfterBegin = false
      return
    }
    let word = UnsafeBufferPointer(rebasing: bytes[lexeme.range])
    if isAfterBegin, Self.matches(word, "atomic") { depth += 1 }
    if depth > 0, Self.matches(word, "case") { depth += 1 }
    if depth > 0, Self.matches(word, "end") { depth -= 1 }
    isAfterBegin = Self.matches(word, "begin")
  }

  private static func matches(_ word: UnsafeBufferPointer<UInt8>, _ keyword: StaticString) -> Bool {
    word.count == keyword.utf8CodeUnitCount
      && zip(word, UnsafeBufferPointer(start: keyword.utf8Start, count: word.count)).allSatisfy { $0 | 0x20 == $1 }
  }
}

extension String {
  /// A range of bytes as a text of its own.
  fileprivate func piece(_ range: Range<Int>) -> String {
    guard range.count < utf8.count else { return self }
    let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    return String(self[start..<utf8.index(start, offsetBy: range.count)])
  }
}
