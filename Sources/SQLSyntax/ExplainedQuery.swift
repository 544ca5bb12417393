// The query inside an EXPLAIN.

extension Statement {
  /// What follows `EXPLAIN` and its options, word for word; nil for any other statement.
  package var explainedQuery: String? {
    guard node.kind == .explainStmt, let found = try? tokens(of: text) else { return nil }
    var rest = found.filter { !$0.isComment }[...].dropFirst()
    if !node.children(.options).isEmpty, rest.first?.kind == .ASCII_40 {
      var depth = 0
      while let token = rest.popFirst() {
        if token.kind == .ASCII_40 { depth += 1 }
        if token.kind == .ASCII_41 { depth -= 1 }
        if depth == 0 { break }
      }
    } else {
      while let kind = rest.first?.kind, kind == .ANALYZE || kind == .ANALYSE || kind == .VERBOSE {
        rest = rest.dropFirst()
      }
    }
    guard let start = rest.first?.range.lowerBound else { return nil }
    return String(decoding: Array(text.utf8)[start...], as: UTF8.self)
  }
}
