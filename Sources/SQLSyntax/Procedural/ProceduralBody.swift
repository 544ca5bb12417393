// The SQL inside a PL/pgSQL function: every expression and statement that its body can evaluate.

/// A body taken apart along PL/pgSQL's own grammar. What is not understood is an error, never left out: whoever judges
/// the pieces has judged all of the body, except for what `refusals` name.
///
/// https://www.postgresql.org/docs/current/plpgsql.html, and pl_gram.y for where an expression ends.
package struct ProceduralBody: Sendable {
  package enum Piece: Sendable, Equatable {
    /// To be read as `SELECT expression`.
    case expression(String, offset: Int)
    /// A statement without the INTO that names variables.
    case statement(String, offset: Int)
    /// The type of a variable, also as `t.c%TYPE` and `t%ROWTYPE`.
    case type(String, offset: Int)
  }

  /// Something that no reading of the body can judge.
  package struct Refusal: Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
      case dynamicSQL = "it runs SQL that it puts together (EXECUTE)"
      case transactionControl = "it ends transactions"
      case otherCode = "it runs other code (CALL, DO)"
    }

    package var kind: Kind
    /// In bytes.
    package var offset: Int

    package var description: String { kind.rawValue }
  }

  package private(set) var pieces: [Piece] = []
  package private(set) var refusals: [Refusal] = []

  /// - Throws: `.syntax` for what is no PL/pgSQL body, `.tooDeep` for too many blocks in blocks.
  package init(parsing body: String, limits: SyntaxLimits = SyntaxLimits()) throws(SyntaxError) {
    var reader = ProceduralReader(try ProceduralLexemes(body, limits))
    try reader.body()
    pieces = reader.pieces
    refusals = reader.refusals
  }
}

/// The words and marks of a body, without comments.
struct ProceduralLexemes {
  struct Lexeme {
    /// In lower case for what is not quoted.
    let word: String
    let kind: Symbol
    let range: Range<Int>
    /// Could be a keyword: an unquoted word that does not go on after a dot.
    let isKeyword: Bool
    let isName: Bool
  }

  let all: [Lexeme]
  private let bytes: [UInt8]

  init(_ body: String, _ limits: SyntaxLimits) throws(SyntaxError) {
    let bytes = Array(body.utf8)
    var all: [Lexeme] = []
    for token in try tokens(of: body, limits: limits) where !token.isComment {
      let text = String(decoding: bytes[token.range], as: UTF8.self)
      let isQuoted = token.kind == .UIDENT || text.hasPrefix("\"")
      let isWord = token.kind == .IDENT || token.kind == .UIDENT || token.keyword != .NO_KEYWORD
      let isAfterDot = all.last?.word == "."
      all.append(
        Lexeme(
          word: isWord && !isQuoted ? text.lowercased() : text, kind: token.kind, range: token.range,
          isKeyword: isWord && !isQuoted && !isAfterDot, isName: isWord))
    }
    self.all = all
    self.bytes = bytes
  }

  /// The text from one lexeme up to another, both places in `all`.
  func text(_ range: Range<Int>) -> String {
    guard let first = all[range].first, let last = all[range].last else { return "" }
    return String(decoding: bytes[first.range.lowerBound..<last.range.upperBound], as: UTF8.self)
  }
}
