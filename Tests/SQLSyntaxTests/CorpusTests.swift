// What must hold for every statement.

import Testing

@testable import SQLSyntax

struct CorpusTests {
  @Test(arguments: Corpus.all)
  func isOneStatementWithItsOwnText(_ text: String) throws {
    let statements = try parse("/* a */ " + text + " ; -- b")
    #expect(statements.map(\.text) == [text])
    #expect(splitStatements("/* a */ " + text + " ; -- b").map(\.text) == [text])
  }

  @Test(arguments: Corpus.all)
  func splicingTokensIntoTheirOwnPlacesChangesNothing(_ text: String) throws {
    let statement = try single(text)
    let bytes = Array(text.utf8)
    let tokens = try tokens(of: text)
    let edits = tokens.map { Edit($0.range, String(decoding: bytes[$0.range], as: UTF8.self)) }
    #expect(spliced(text, edits) == text)
    // `n'x'` is the one thing that is two tokens and takes no space.
    let spaced = zip(tokens, edits).map { Edit($1.range, $1.replacement + ($0.kind == .NCHAR ? "" : "  ")) }
    let rewritten = try #require(statement.rewritten(by: spaced, into: statement.node))
    #expect(rewritten.node.isSame(as: statement.node))
  }

  @Test(arguments: Corpus.all)
  func nodesStandWhereATokenBegins(_ text: String) throws {
    let statement = try single(text)
    let starts = Set(try tokens(of: text).map(\.range.lowerBound))
    statement.node.walk { node, _ in
      guard let place = statement.place(of: node) else { return }
      #expect(starts.contains(place), "\(node.kind) at \(place)")
    }
  }

  @Test(arguments: Corpus.all)
  func lexemesEndWhereTokensEnd(_ text: String) throws {
    #expect(try Lexing.difference(text + " -- c") == nil)
  }

  @Test(arguments: Corpus.plannable)
  func normalizingKeepsTheFingerprintAndIsDoneOnce(_ text: String) throws {
    let statement = try single(text)
    let normal = try single(normalized(statement))
    #expect(try fingerprint(normal.text) == fingerprint(text))
    #expect(normalized(normal) == normal.text)
    let constants = Corpus.constantsThatStay(in: normal.node)
    #expect(constants.isEmpty, "\(normal.text)")
  }

  @Test(arguments: Corpus.plannable)
  func plannableTextKeepsParameters(_ text: String) throws {
    let normal = try single(normalized(single(text)))
    let plannable = try single(plannableText(normal, serverVersion: 150_000))
    #expect(plannable.parameterNumbers == normal.parameterNumbers)
    let literals = plannable.node.all(.typeCast).filter {
      $0.integer(.location) < 0 && $0.child(.arg)?.kind == .paramRef
    }
    #expect(literals.isEmpty, "\(plannable.text)")
  }

  @Test(arguments: Corpus.utility)
  func utilityStatementsAreNotNormalized(_ text: String) throws {
    #expect(try normalized(single(text)) == text)
  }
}

extension Corpus {
  /// Constants that a normalized statement should not have any more: none but positions, parts of type names, the
  /// fields of `extract` and national character strings.
  static func constantsThatStay(in root: Node) -> [Node] {
    var found: [Node] = []
    root.walkChoosing { node, field in
      switch node.kind {
      case .typeName, .groupingSet, .sortBy: return .over
      case .funcCall where node.symbol(.funcformat) == .COERCE_SQL_SYNTAX: return .over
      case .typeCast where node.child(.typeName)?.children(.names).last?.text(.sval) == "bpchar": return .over
      case .aConst where field != .limitCount: found.append(node)
      default: break
      }
      return .into
    }
    return found
  }
}

enum Lexing {
  /// How this room's own lexemes differ from libpg_query's tokens in what splitting depends on; nil if they do not.
  static func difference(_ text: String) throws -> String? {
    let tokens = try tokens(of: text)
    var copy = text
    let lexemes = copy.withUTF8 { bytes in
      var reader = LexemeReader(bytes)
      var found: [Lexeme] = []
      while let lexeme = reader.next() { found.append(lexeme) }
      return found
    }
    guard !hasCommentInString(text, lexemes) else { return nil }
    let comments = (tokens.filter(\.isComment).map(\.range), lexemes.filter(\.isComment).map(\.range))
    guard comments.0 == comments.1 else { return "comments \(comments)" }
    for mark in [UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: ")")] {
      let symbol: Symbol =
        mark == UInt8(ascii: ";") ? .ASCII_59 : mark == UInt8(ascii: "(") ? .ASCII_40 : .ASCII_41
      let theirs = tokens.filter { $0.kind == symbol }.map(\.range.lowerBound)
      let ours = lexemes.filter { if case .mark(mark) = $0.kind { true } else { false } }.map(\.range.lowerBound)
      guard theirs == ours else { return "marks \(theirs) \(ours)" }
    }
    let ends = (tokens.last?.range.upperBound, lexemes.last?.range.upperBound)
    return ends.0 == ends.1 ? nil : "ends \(ends)"
  }

  /// `'a' -- comment`, a line break, and `'b'` are one string to PostgreSQL and libpg_query 18, three tokens before.
  private static func hasCommentInString(_ text: String, _ lexemes: [Lexeme]) -> Bool {
    let bytes = Array(text.utf8)
    var isAfterString = false
    for lexeme in lexemes {
      let words = String(decoding: bytes[lexeme.range], as: UTF8.self)
      switch lexeme.kind {
      case .comment: continue
      case .value:
        if isAfterString || words.lowercased().hasPrefix("e'") && words.contains("--") { return true }
        isAfterString = false
      default: isAfterString = false
      }
      if words.hasSuffix("'"), let next = lexemes.first(where: { $0.range.lowerBound >= lexeme.range.upperBound }) {
        isAfterString = next.isComment
      }
    }
    return false
  }
}
