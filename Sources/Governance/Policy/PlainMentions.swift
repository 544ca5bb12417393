// Relations in FROM whose text is certain from the tree and the bytes alone: a query in brackets can take their place
// without parsing the statement again.
//
// In PostgreSQL's grammar (gram.y) both are a `table_ref`: `relation_expr opt_alias_clause` and `select_with_parens
// opt_alias_clause`. A grammar without conflicts has one derivation for a text; so where the one can stand in it and the
// other one takes its place, the one tree becomes the other, and nothing around it changes. What is not plainly such a
// place is proven by parsing.

import SQLSyntax

/// What one pass over a statement's tree finds for rewriting.
struct PlainMentions {
  /// Relations by their places in the tree.
  private(set) var relations: [Int: Node] = [:]
  /// Places of those that stand in the FROM of a query, by themselves or in a join.
  private var inFrom: Set<Int> = []
  private(set) var hasGroups = false
  /// `schema.table.column`.
  private(set) var hasLongColumns = false
  private let bytes: [UInt8]
  private let statement: Statement

  init(_ statement: Statement) {
    self.statement = statement
    bytes = Array(statement.text.utf8)
    var (relations, inFrom): ([Int: Node], Set<Int>) = ([:], [])
    var (hasGroups, hasLongColumns) = (false, false)
    statement.node.walk { node, field in
      switch node.kind {
      case .rangeVar:
        let place = node.integer(.location)
        relations[place] = node
        if field == .fromClause || field == .larg || field == .rarg { inFrom.insert(place) }
      case .columnRef: hasLongColumns = hasLongColumns || node.children(.fields).count > 2
      case .selectStmt: hasGroups = hasGroups || node[.groupClause] != nil
      default: break
      }
    }
    (self.relations, self.inFrom) = (relations, inFrom)
    (self.hasGroups, self.hasLongColumns) = (hasGroups, hasLongColumns)
  }

  /// Where its name stands in the text, when it is nothing but names and points, after FROM, JOIN, a comma or a bracket and before
  /// white space, a comma, a bracket or the end.
  func place(of node: Node) -> Range<Int>? {
    guard inFrom.contains(node.integer(.location)), node.flag(.inh), let start = statement.place(of: node),
      isAfterItsLike(start)
    else { return nil }
    var end = start
    var isFirst = true
    for field in [Field.catalogname, .schemaname, .relname] {
      let name = node.text(field)
      if name.isEmpty { continue }
      if !isFirst {
        guard byte(end) == UInt8(ascii: ".") else { return nil }
        end += 1
      }
      isFirst = false
      guard let next = self.end(of: name, at: end) else { return nil }
      end = next
    }
    return !isFirst && isBeforeItsLike(end) ? start..<end : nil
  }

  /// Past the name, where it is written plainly or in quotes that it needs none of its own in.
  private func end(of name: String, at start: Int) -> Int? {
    let isQuoted = byte(start) == UInt8(ascii: "\"")
    var place = start + (isQuoted ? 1 : 0)
    for expected in name.utf8 {
      guard let byte = byte(place), byte != UInt8(ascii: "\"") else { return nil }
      // Other letters fold as the server's encoding has it.
      guard isQuoted || (byte < 0x80 && Self.isInName(byte)) else { return nil }
      guard (isQuoted ? byte : Self.folded(byte)) == expected else { return nil }
      place += 1
    }
    guard isQuoted else { return byte(place).map(Self.isInName) ?? false ? nil : place }
    return byte(place) == UInt8(ascii: "\"") ? place + 1 : nil
  }

  private func isAfterItsLike(_ start: Int) -> Bool {
    var place = start - 1
    while let byte = byte(place), Self.isSpace(byte) { place -= 1 }
    guard let last = byte(place) else { return false }
    if last == UInt8(ascii: ",") || last == UInt8(ascii: "(") { return true }
    guard place < start - 1, place >= 3, Self.isInName(last) else { return false }
    let word = String(decoding: bytes[(place - 3)...place].map(Self.folded), as: UTF8.self)
    guard word == "from" || word == "join" else { return false }
    return byte(place - 4).map { Self.isSpace($0) || $0 == UInt8(ascii: ")") } ?? false
  }

  private func isBeforeItsLike(_ end: Int) -> Bool {
    guard let next = byte(end) else { return true }
    if next == UInt8(ascii: ",") || next == UInt8(ascii: ")") { return true }
    guard Self.isSpace(next) else { return false }
    var place = end + 1
    while let byte = byte(place), Self.isSpace(byte) { place += 1 }
    // `t *` is the same relation, and a comment may hide what comes.
    return byte(place).map { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "/") } ?? true
  }

  private func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

  private static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5a).contains(byte) ? byte | 0x20 : byte }

  private static func isInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
