// Statements as pg_stat_statements shows them, in words that the server accepts again.

/// The statement in a spelling that PostgreSQL plans with parameters.
///
/// pg_stat_statements replaces every constant by `$n`, also where the grammar takes nothing but a literal. libpg_query
/// reads what comes out, the server does not:
///
/// | shown | here |
/// |---|---|
/// | `date $1`, `timestamp with time zone $1`, `numeric(8,2) $1` | `CAST($1 AS date)` … |
/// | `bit $1`, `character $1` | `CAST($1 AS pg_catalog.bit)`, `CAST($1 AS pg_catalog.bpchar)` |
/// | `interval $1 day to second(3)`, `interval(3) $1` | `CAST($1 AS interval day to second(3))` … |
/// | `extract($1 FROM d)` | `pg_catalog.extract($1, d)`, before PostgreSQL 14 `pg_catalog.date_part($1, d)` |
///
/// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS-GENERIC
/// - Parameter serverVersion: the server's version number, 150001 for 15.1.
/// - Returns: the statement's own text if there is nothing to change or the change cannot be proved right.
package func plannableText(_ statement: Statement, serverVersion: Int = 150_000) -> String {
  let suspects = Suspects(in: statement)
  guard !suspects.isEmpty else { return statement.text }
  let respelling = Respelling(statement, extractName: serverVersion >= 140_000 ? "extract" : "date_part")
  let edits =
    suspects.casts.flatMap(respelling.edits(ofCast:)) + suspects.extracts.flatMap(respelling.edits(ofExtract:))
  let rewritten = statement.rewritten(by: edits, into: respelling.intended(suspects))
  return rewritten?.text ?? statement.text
}

/// The nodes that may stand for a parameter where the server wants a literal.
private struct Suspects {
  private(set) var casts: [Node] = []
  private(set) var extracts: [Node] = []

  init(in statement: Statement) {
    statement.node.walk { node, _ in
      switch node.kind {
      case .typeCast where Self.isTypedLiteral(node): casts.append(node)
      case .funcCall where Self.isExtract(node): extracts.append(node)
      default: break
      }
    }
  }

  var isEmpty: Bool { casts.isEmpty && extracts.isEmpty }

  /// `type $1`: the type stands first, and the cast has no place of its own as `::` and CAST have.
  private static func isTypedLiteral(_ cast: Node) -> Bool {
    guard let parameter = cast.child(.arg), parameter.kind == .paramRef, let type = cast.child(.typeName) else {
      return false
    }
    return cast.integer(.location) < 0 && type.integer(.location) < parameter.integer(.location)
  }

  private static func isExtract(_ call: Node) -> Bool {
    call.symbol(.funcformat) == .COERCE_SQL_SYNTAX
      && call.children(.funcname).map { $0.text(.sval) } == ["pg_catalog", "extract"]
      && call.children(.args).first?.kind == .paramRef
  }
}

private struct Respelling {
  private static let intervalFields: Set<Symbol> = [.YEAR_P, .MONTH_P, .DAY_P, .HOUR_P, .MINUTE_P, .SECOND_P]

  private let statement: Statement
  private let extractName: String
  private let finder: TokenFinder
  private let bytes: [UInt8]

  init(_ statement: Statement, extractName: String) {
    self.statement = statement
    self.extractName = extractName
    finder = TokenFinder(statement.tokensOfText)
    bytes = Array(statement.text.utf8)
  }

  /// `date $1` → `CAST($1 AS date)`.
  func edits(ofCast cast: Node) -> [Edit] {
    guard let type = cast.child(.typeName), let parameter = cast.child(.arg),
      let typeStart = statement.place(of: type), let parameterStart = statement.place(of: parameter),
      let first = finder.index(at: typeStart), let middle = finder.index(at: parameterStart),
      first < middle, let parameterToken = finder[middle], let typeEnd = finder[middle - 1]?.range.upperBound
    else { return [] }
    let last = finder[first]?.kind == .INTERVAL ? endOfInterval(middle) : middle
    guard let end = finder[last]?.range.upperBound else { return [] }
    let qualifier = last == middle ? "" : text(parameterToken.range.upperBound..<end)
    let spelling = Self.unlimitedSpelling(of: type) ?? text(typeStart..<typeEnd)
    return [Edit(typeStart..<end, "CAST(\(text(parameterToken.range)) AS \(spelling)\(qualifier))")]
  }

  /// `bit '101'` and `character 'abc'` have no length limit as literals; in a cast these names mean a length of 1.
  private static func unlimitedSpelling(of type: Node) -> String? {
    guard type.children(.typmods).isEmpty else { return nil }
    return switch type.children(.names).map({ $0.text(.sval) }) {
    case ["pg_catalog", "bit"]: "pg_catalog.bit"
    case ["pg_catalog", "bpchar"]: "pg_catalog.bpchar"
    default: nil
    }
  }

  /// The last token of `interval $1 [field [TO field]] [(precision)]`, given that of the parameter.
  private func endOfInterval(_ parameter: Int) -> Int {
    func isField(_ index: Int) -> Bool { finder[index].map { Self.intervalFields.contains($0.kind) } ?? false }
    var last = parameter
    guard isField(last + 1) else { return last }
    last += 1
    if finder[last + 1]?.kind == .TO, isField(last + 2) { last += 2 }
    if finder[last]?.kind == .SECOND_P, finder[last + 1]?.kind == .ASCII_40, finder[last + 3]?.kind == .ASCII_41 {
      last += 3
    }
    return last
  }

  /// `extract($1 FROM d)` → `pg_catalog.extract($1, d)`.
  func edits(ofExtract call: Node) -> [Edit] {
    guard let place = statement.place(of: call), let name = finder.index(at: place),
      let nameRange = finder[name]?.range, finder[name + 1]?.kind == .ASCII_40, finder[name + 2]?.kind == .PARAM,
      let parameterEnd = finder[name + 2]?.range.upperBound, let from = finder[name + 3], from.kind == .FROM
    else { return [] }
    return [Edit(nameRange, "pg_catalog.\(extractName)"), Edit(parameterEnd..<from.range.upperBound, ",")]
  }

  /// The tree that is meant: casts stay what they are, each `extract` becomes an ordinary call.
  func intended(_ suspects: Suspects) -> Node {
    guard !suspects.extracts.isEmpty else { return statement.node }
    let extracts = Set(suspects.extracts.compactMap(\.identity))
    return statement.node.rebuilt(call(of: extracts))
  }

  private func call(of extracts: Set<ObjectIdentifier>) -> (Node) -> Node? {
    { node in
      guard let identity = node.identity, extracts.contains(identity) else { return nil }
      let below = node.rebuiltBelow(call(of: extracts))
      let names = ["pg_catalog", extractName].map { Node(.string, [(.sval, .text($0))]) }
      return Node(
        node.kind,
        below.fields.map { field in
          switch field.name {
          case .funcname: (field.name, .list(names))
          case .funcformat: (field.name, .symbol(.COERCE_EXPLICIT_CALL))
          default: field
          }
        })
    }
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
