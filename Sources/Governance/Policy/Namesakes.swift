// Tables of one name from several schemas in one FROM: PostgreSQL tells them apart by their schemas, which queries in their
// places have not.

import Database
import SQLSyntax

/// Other names for relations that are replaced, by their places in the tree.
struct Namesakes {
  private(set) var names: [Int: String] = [:]

  init(_ statement: Statement, _ standIns: [RelationStandIn]) {
    guard !standIns.isEmpty else { return }
    let schemas = Dictionary(standIns.map { ($0.position, $0.entry.schema) }) { first, _ in first }
    statement.node.walk { node, _ in
      switch node.kind {
      case .selectStmt, .updateStmt: enter(node.children(.fromClause), schemas)
      case .deleteStmt: enter(node.children(.usingClause), schemas)
      default: break
      }
    }
  }

  private mutating func enter(_ items: [Node], _ schemas: [Int: String]) {
    if items.isEmpty || (items.count == 1 && items[0].kind != .joinExpr) { return }
    var waiting = items
    var bare: [Node] = []
    while let item = waiting.popLast() {
      switch item.kind {
      case .rangeVar where item.child(.alias) == nil: bare.append(item)
      case .joinExpr: waiting += [item.child(.larg), item.child(.rarg)].compactMap { $0 }
      default: continue
      }
    }
    for (place, item) in bare.enumerated() {
      let name = item.text(.relname)
      guard let schema = schemas[item.integer(.location)],
        bare.enumerated().contains(where: { other, node in other != place && node.text(.relname) == name })
      else { continue }
      // One that is named twice from one schema is an error as it was: both get the same name.
      names[item.integer(.location)] = "\(schema).\(name)"
    }
  }
}
