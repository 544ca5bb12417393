// Statements without their constants, for showing and grouping.

/// The statement with every constant replaced by a parameter, as pg_stat_statements would show it: `x = 'a'` becomes
/// `x = $1`, `-5` as a whole, `date '2020-01-01'` becomes `date $2`. Parameters that are there already stay, numbering
/// goes on after the highest. Kept are: constants inside type names (`numeric(8,2)`), positions in ORDER BY and
/// GROUP BY, and the field of `extract(year FROM …)`. Not for sending to a server: see `plannableText`.
/// - Returns: the statement's own text for utility statements, and where the change cannot be proved right.
package func normalized(_ statement: Statement) -> String {
  if case .utility = statement.kind { return statement.text }
  let constants = Constants(in: statement)
  guard !constants.edits.isEmpty else { return statement.text }
  let intended = statement.node.rebuilt { node in
    node.identity.flatMap { constants.numbers[$0] }.map { Node(.paramRef, [(.number, .integer(Int64($0)))]) }
  }
  return statement.rewritten(by: constants.edits, into: intended)?.text ?? statement.text
}

/// The constants of a statement that a parameter can stand for.
private struct Constants {
  private(set) var edits: [Edit] = []
  private(set) var numbers: [ObjectIdentifier: Int] = [:]

  init(in statement: Statement) {
    let found = Self.replaceable(in: statement.node)
    guard !found.isEmpty else { return }
    let finder = TokenFinder(statement.tokensOfText)
    let bytes = Array(statement.text.utf8)
    var number = statement.parameterNumbers.last ?? 0
    let placed = found.compactMap { node in statement.place(of: node).map { (node: node, place: $0) } }
    var last = -1
    for (node, place) in placed.sorted(by: { $0.place < $1.place }) {
      guard let range = Self.range(of: place, in: finder) else { continue }
      // `SET (a, b) = (1, 2)` has the right-hand side in its tree once for each column.
      if place != last { number += 1 }
      last = place
      if let identity = node.identity { numbers[identity] = number }
      let glueBefore = range.lowerBound > 0 && Self.isWord(bytes[range.lowerBound - 1]) ? " " : ""
      let glueAfter = range.upperBound < bytes.count && Self.isWord(bytes[range.upperBound]) ? " " : ""
      edits.append(Edit(range, "\(glueBefore)$\(number)\(glueAfter)"))
    }
  }

  private static func replaceable(in root: Node) -> [Node] {
    var found: [Node] = []
    root.walkChoosing { node, field in
      switch node.kind {
      case .typeName, .jsonTablePathSpec, .groupingSet: return .over
      case .rowExpr where field == .groupClause: return .over
      case .aConst where !isPosition(node, field): found.append(node)
      default: break
      }
      return .into
    }
    return found
  }

  /// `ORDER BY 1`: an output column, not a value.
  private static func isPosition(_ constant: Node, _ parentField: Field?) -> Bool {
    guard constant.child(.ival) != nil else { return false }
    switch parentField {
    // `.node` is the operand of SortBy.
    case .groupClause, .distinctClause, .node: return true
    default: return false
    }
  }

  /// The bytes of the constant that begins at `place`; nil if what is there is no literal, as the `year` of
  /// `extract(year FROM d)`. A sign belongs to the number, with brackets in between if need be: `-(5)`.
  private static func range(of place: Int, in finder: TokenFinder) -> Range<Int>? {
    guard let first = finder.index(at: place) else { return nil }
    // `n'abc'` is one constant of two tokens, which no parameter can take the place of.
    if let before = finder[first - 1], before.kind == .NCHAR, before.range.upperBound == place { return nil }
    var last = first
    var brackets = 0
    while let token = finder[last], token.kind == .ASCII_45 || token.kind == .ASCII_40 {
      if token.kind == .ASCII_40 { brackets += 1 }
      last += 1
    }
    switch finder[last]?.kind {
    case .ICONST, .FCONST: break
    case .USCONST where last == first:
      if finder[last + 1]?.kind == .UESCAPE { last += 2 }
    case .SCONST, .BCONST, .XCONST, .TRUE_P, .FALSE_P, .NULL_P:
      guard last == first else { return nil }
    default: return nil
    }
    for _ in 0..<brackets {
      last += 1
      guard finder[last]?.kind == .ASCII_41 else { return nil }
    }
    return finder[last].map { place..<$0.range.upperBound }
  }

  /// Whether a byte would run together with a parameter next to it.
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default:
      false
    }
  }
}
