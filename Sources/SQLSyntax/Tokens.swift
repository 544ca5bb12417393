// PostgreSQL's lexer: the tokens of a text with their places, for cutting and splicing it.

internal import CPgQuery

/// One token, comments included.
package struct Token: Sendable, Equatable {
  /// libpg_query's name: `.ICONST`, `.SCONST`, `.PARAM`, `.IDENT`, `.ASCII_59` (a semicolon), `.SQL_COMMENT`, `.FROM` …
  package let kind: Symbol
  /// `.NO_KEYWORD` or how far a keyword is reserved.
  package let keyword: Symbol
  /// In bytes.
  package let range: Range<Int>

  package var isComment: Bool { kind == .SQL_COMMENT || kind == .C_COMMENT }
}

/// The tokens of a text in order. The text need not be valid SQL, only made of tokens. Lexing does not recurse.
package func tokens(of text: String, limits: SyntaxLimits = SyntaxLimits()) throws(SyntaxError) -> [Token] {
  var text = try GuardedText(text, limits).text
  let schema = try Schema.linked.get()
  let result = text.withCString { pg_query_scan($0) }
  defer { pg_query_free_scan_result(result) }
  if let error = result.error { throw SyntaxError(error.pointee, in: text) }
  do throws(WireFault) {
    let bytes = UnsafeRawBufferPointer(start: result.pbuf.data, count: result.pbuf.len)
    let tokens = text.withUTF8 { text in
      Result { () throws(WireFault) in try TokenDecoder(bytes, schema: schema, text: text).tokens() }
    }
    return try tokens.get()
  } catch {
    throw error.syntaxError
  }
}

/// Decodes libpg_query's `ScanResult { version = 1; repeated ScanToken tokens = 2 }` and
/// `ScanToken { start = 1; end = 2; token = 4; keyword_kind = 5 }`, the same in all majors.
struct TokenDecoder {
  private let bytes: UnsafeRawBufferPointer
  private let schema: Schema
  private let text: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeRawBufferPointer, schema: Schema, text: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    self.schema = schema
    self.text = text
  }

  func tokens() throws(WireFault) -> [Token] {
    var found: [Token] = []
    var reader = WireReader(bytes)
    while !reader.isAtEnd {
      switch try reader.tag() {
      case 1 << 3 | WireType.varint: _ = try reader.varint()
      case 2 << 3 | WireType.bytes:
        let token = try token(try reader.delimited())
        guard token.range.lowerBound >= found.last?.range.upperBound ?? 0 else { throw .badNumber }
        found.append(token)
      default: throw .unknownField
      }
    }
    complete(&found)
    return found
  }

  private func token(_ reader: WireReader) throws(WireFault) -> Token {
    var reader = reader
    var (start, end, kind, keyword) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    while !reader.isAtEnd {
      switch try reader.tag() {
      case 1 << 3 | WireType.varint: start = try reader.varint()
      case 2 << 3 | WireType.varint: end = try reader.varint()
      case 4 << 3 | WireType.varint: kind = try reader.varint()
      case 5 << 3 | WireType.varint: keyword = try reader.varint()
      default: throw .unknownField
      }
    }
    guard start <= end, end <= UInt64(text.count) else { throw .badNumber }
    return Token(
      kind: try schema.symbol(kind, of: schema.tokenKinds),
      keyword: try schema.symbol(keyword, of: schema.keywordKinds),
      range: Int(start)..<Int(end))
  }

  /// libpg_query gives `U&'…'` and `U&"…"` ends that are too early: they go on to the last lexeme before the next token.
  private func complete(_ tokens: inout [Token]) {
    for (index, token) in tokens.enumerated() where token.kind == .USCONST || token.kind == .UIDENT {
      let quote = min(token.range.lowerBound + 2, text.count)
      let limit = index + 1 < tokens.count ? tokens[index + 1].range.lowerBound : text.count
      guard quote < limit else { continue }
      var reader = LexemeReader(UnsafeBufferPointer(rebasing: text[quote..<limit]))
      var end = token.range.upperBound
      while let lexeme = reader.next() {
        if !lexeme.isComment { end = max(end, quote + lexeme.range.upperBound) }
      }
      tokens[index] = Token(kind: token.kind, keyword: token.keyword, range: token.range.lowerBound..<end)
    }
  }
}
