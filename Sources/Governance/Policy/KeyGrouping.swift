// GROUP BY a primary key stands for the other columns of its table, and no longer where a query stands for the table.

import Database
import SQLSyntax

/// Adds the columns that a query uses to a GROUP BY of their table's key, as PostgreSQL takes them for the table itself:
/// https://www.postgresql.org/docs/current/sql-select.html#SQL-GROUPBY. The groups stay the same, since the key decides.
struct KeyGrouping {
  /// Texts that go in front of a group's column, by the column's place in the tree.
  private(set) var edits: [Edit] = []
  private var additions: [Int: [Node]] = [:]
  private let standIns: [Int: RelationStandIn]

  init(_ statement: Statement, _ standIns: [RelationStandIn]) {
    self.standIns = Dictionary(standIns.map { ($0.position, $0) }) { first, _ in first }
    statement.node.walk { node, _ in
      guard node.kind == .selectStmt, !node.children(.groupClause).isEmpty else { return }
      for (alias, standIn) in relations(in: node) { extend(node, alias, standIn, statement) }
    }
  }

  /// The select with the columns that were added.
  func extended(_ select: Node) -> Node {
    let groups = select.children(.groupClause)
    guard groups.contains(where: { additions[$0.integer(.location)] != nil && $0.kind == .columnRef }) else {
      return select
    }
    let longer = groups.flatMap { item in (additions[item.integer(.location)] ?? []) + [item] }
    return Node(
      .selectStmt,
      select.fields.map { field in
        field.name == .groupClause ? (.groupClause, .list(longer)) : (field.name, field.value)
      })
  }

  /// Those in FROM that were replaced, under the names that they have there.
  private func relations(in select: Node) -> [(alias: String, RelationStandIn)] {
    var found: [(String, RelationStandIn)] = []
    var waiting = select.children(.fromClause)
    while let item = waiting.popLast() {
      switch item.kind {
      case .rangeVar:
        guard let standIn = standIns[item.integer(.location)] else { continue }
        let alias = item.child(.alias)
        if alias?.children(.colnames).isEmpty ?? true {
          found.append((alias?.text(.aliasname) ?? item.text(.relname), standIn))
        }
      case .joinExpr where item.child(.alias) == nil:
        waiting += [item.child(.larg), item.child(.rarg)].compactMap { $0 }
      default: continue
      }
    }
    return found
  }

  private mutating func extend(_ select: Node, _ alias: String, _ standIn: RelationStandIn, _ statement: Statement) {
    let (entry, rule) = (standIn.entry, standIn.rule)
    guard !entry.primaryKey.isEmpty, entry.primaryKey.allSatisfy(rule.isClear) else { return }
    let groups = select.children(.groupClause).filter { $0.kind == .columnRef }
    func names(_ group: Node, _ column: String) -> Bool {
      let fields = group.children(.fields).map { $0.text(.sval) }
      return fields == [alias, column] || fields == [column]
    }
    guard entry.primaryKey.allSatisfy({ key in groups.contains { names($0, key) } }),
      let first = groups.first(where: { group in entry.primaryKey.contains { names(group, $0) } }),
      let place = statement.place(of: first)
    else { return }
    let used = columns(used: select, of: alias)
    let added = entry.columns.filter { Self.isComparable($0.type) }.map(\.name).filter {
      column in
      rule.has(column) && (used == nil || used?.contains(column) ?? true) && !groups.contains { names($0, column) }
    }
    guard !added.isEmpty else { return }
    edits.append(Edit(place..<place, added.map { "\(quotedName(alias)).\(quotedName($0)), " }.joined()))
    additions[first.integer(.location), default: []] += added.map { column in
      Node(
        .columnRef,
        [(.fields, .list([Node(.string, [(.sval, .text(alias))]), Node(.string, [(.sval, .text(column))])]))])
    }
  }

  /// Whether values of a type are surely told apart and sorted.
  static func isComparable(_ type: UInt32) -> Bool { type.isBuiltIn && !incomparable.contains(type) }

  /// json, xml, and what is drawn, and their arrays: without an equality that groups.
  private static let incomparable: Set<UInt32> = [
    114, 142, 600, 601, 602, 603, 604, 628, 718, 199, 143, 1017, 1018, 1019, 1020, 1027, 629, 719,
  ]

  /// Outside of GROUP BY; nil for all.
  private func columns(used select: Node, of alias: String) -> Set<String>? {
    var used: Set<String> = []
    var isAll = false
    for field in [Field.targetList, .havingClause, .sortClause, .distinctClause] {
      for part in select.children(field) {
        part.walk { node, _ in
          guard node.kind == .columnRef else { return }
          let fields = node.children(.fields)
          guard let last = fields.last, fields.count == 1 || fields[fields.count - 2].text(.sval) == alias else {
            return
          }
          if last.kind == .aStar || (fields.count == 1 && last.text(.sval) == alias) { isAll = true }
          used.insert(last.text(.sval))
        }
      }
    }
    return isAll ? nil : used
  }
}
