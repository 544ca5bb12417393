// The query inside a statement that only announces it: PREPARE and DECLARE CURSOR.

extension Statement {
  /// What pg_stat_statements records of a prepared statement is its whole `PREPARE name (types) AS query`, and of a
  /// cursor `DECLARE name … CURSOR FOR query`: the query alone, or nil for any other statement.
  package var innerQuery: Statement? {
    let introduction: Symbol
    switch node.kind {
    case .prepareStmt: introduction = .AS
    case .declareCursorStmt: introduction = .FOR
    default: return nil
    }
    guard let tokens = try? tokens(of: text) else { return nil }
    var depth = 0
    for token in tokens {
      switch token.kind {
      case .ASCII_40: depth += 1
      case .ASCII_41: depth -= 1
      case introduction where depth == 0:
        let rest = String(decoding: Array(text.utf8)[token.range.upperBound...], as: UTF8.self)
        let statements = (try? parse(rest)) ?? []
        return statements.count == 1 ? statements[0] : nil
      default: continue
      }
    }
    return nil
  }
}
