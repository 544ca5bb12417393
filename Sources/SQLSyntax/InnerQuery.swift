// The query inside a statement that announces it, explains it, or puts its rows elsewhere.

extension Statement {
  /// The query alone of `PREPARE name (types) AS query`, which is what pg_stat_statements records of a prepared statement, of
  /// `DECLARE name … CURSOR FOR query`, of `EXPLAIN (…) statement`, of `CREATE TABLE` or `CREATE MATERIALIZED VIEW … AS query`
  /// and of `COPY (query) TO …`; nil for any other statement.
  package var innerQuery: Statement? {
    let text = Array(text.utf8)
    guard [.prepareStmt, .declareCursorStmt, .explainStmt, .createTableAsStmt, .copyStmt].contains(node.kind),
      let all = try? tokens(of: self.text)
    else { return nil }
    let words = all.filter { !$0.isComment && $0.kind != .ASCII_59 }
    let inner: Range<Int>?
    switch node.kind {
    case .explainStmt: return explainedQuery.flatMap(Self.only)
    case .prepareStmt: inner = Self.tail(of: words, behind: .AS)
    case .declareCursorStmt: inner = Self.tail(of: words, behind: .FOR)
    case .createTableAsStmt: inner = Self.tail(of: Self.withoutData(words), behind: .AS)
    default: inner = Self.parenthesis(words)
    }
    return inner.flatMap { Self.only(String(decoding: text[$0], as: UTF8.self)) }
  }

  private static func only(_ text: String) -> Statement? {
    let statements = (try? parse(text)) ?? []
    return statements.count == 1 ? statements[0].innerQuery ?? statements[0] : nil
  }

  /// What stands outside of all parentheses behind the first `keyword`.
  private static func tail(of words: [Token], behind keyword: Symbol) -> Range<Int>? {
    var depth = 0
    for (place, token) in words.enumerated() {
      if token.kind == .ASCII_40 { depth += 1 }
      if token.kind == .ASCII_41 { depth -= 1 }
      guard depth == 0, token.kind == keyword, place + 1 < words.count else { continue }
      return words[place + 1].range.lowerBound..<words[words.count - 1].range.upperBound
    }
    return nil
  }

  /// Without `WITH DATA` and `WITH NO DATA` at the end.
  private static func withoutData(_ words: [Token]) -> [Token] {
    guard words.last?.kind == .DATA_P else { return words }
    let rest = words.dropLast()
    let shorter = rest.last?.kind == .NO ? rest.dropLast() : rest
    return shorter.last?.kind == .WITH || shorter.last?.kind == .WITH_LA ? Array(shorter.dropLast()) : words
  }

  /// What COPY copies, where that is a query.
  private static func parenthesis(_ words: [Token]) -> Range<Int>? {
    guard words.count > 2, words[1].kind == .ASCII_40 else { return nil }
    var depth = 0
    for token in words.dropFirst() {
      if token.kind == .ASCII_40 { depth += 1 }
      if token.kind == .ASCII_41 { depth -= 1 }
      if depth == 0 { return words[1].range.upperBound..<token.range.lowerBound }
    }
    return nil
  }
}
