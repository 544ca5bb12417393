// Where a statement names relations and columns, by its tokens: for what the bytes alone do not tell.

import Database
import SQLSyntax

/// Where in a statement's text relations and columns are named.
struct MentionedText {
  private let statement: Statement
  private let finder: TokenFinder

  init?(_ statement: Statement) {
    guard let found = try? tokens(of: statement.text) else { return nil }
    self.statement = statement
    finder = TokenFinder(found)
  }

  /// The text of a relation without its alias: `ONLY (s.t)`, `t *`, and `TABLE t`, which is a query by itself.
  func place(of node: Node) -> (range: Range<Int>, isTable: Bool)? {
    guard let start = statement.place(of: node), let first = finder.index(at: start) else { return nil }
    let parts = [Field.catalogname, .schemaname, .relname].filter { !node.text($0).isEmpty }.count
    var (low, high) = (first, first + 2 * (parts - 1))
    guard finder[high] != nil else { return nil }
    if finder[low - 1]?.kind == .ASCII_40, finder[low - 2]?.kind == .ONLY {
      guard finder[high + 1]?.kind == .ASCII_41 else { return nil }
      low -= 2
      high += 1
    } else if finder[low - 1]?.kind == .ONLY {
      low -= 1
    } else if finder[high + 1]?.kind == .ASCII_42 {
      high += 1
    }
    let isTable = finder[low - 1]?.kind == .TABLE
    if isTable { low -= 1 }
    guard let from = finder[low], let to = finder[high] else { return nil }
    return (from.range.lowerBound..<to.range.upperBound, isTable)
  }

  /// `schema.table.column` names a relation that is a query now, under the name of the table alone.
  func qualifiedColumns(
    of standIns: [RelationStandIn], _ relations: [Int: Node], _ namesakes: Namesakes
  ) -> (edits: [Edit], replacements: [Int: Node]) {
    var edits: [Edit] = []
    var replacements: [Int: Node] = [:]
    statement.node.walk { node, _ in
      guard node.kind == .columnRef else { return }
      let fields = node.children(.fields)
      guard fields.count >= 3, fields.dropLast().allSatisfy({ $0.kind == .string }) else { return }
      let names = fields.dropLast().map { $0.text(.sval) }
      let replaced = standIns.first { standIn in
        standIn.entry.name == names[names.count - 1] && standIn.entry.schema == names[names.count - 2]
          && relations[standIn.position]?.child(.alias) == nil
      }
      guard let replaced, let start = statement.place(of: node), let first = finder.index(at: start),
        let from = finder[first], let to = finder[first + 2 * (names.count - 1)]
      else { return }
      let name = namesakes.names[replaced.position]
      let end = name == nil ? to.range.lowerBound : to.range.upperBound
      edits.append(Edit(from.range.lowerBound..<end, name.map(quotedName) ?? ""))
      let table = name.map { Node(.string, [(.sval, .text($0))]) } ?? fields[fields.count - 2]
      let left = node.fields.map { field -> (name: Field, value: Node.Value) in
        field.name == .fields ? (.fields, .list([table, fields[fields.count - 1]])) : field
      }
      replacements[node.integer(.location)] = Node(.columnRef, left)
    }
    return (edits, replacements)
  }
}
