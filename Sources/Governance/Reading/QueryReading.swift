// Queries: what stands in FROM and WITH, and what is visible where.

import SQLSyntax

extension StatementReader {
  /// A SELECT, VALUES, TABLE or set operation. What it sees of the queries around it is `outer`.
  mutating func select(_ node: Node, in outer: Int) {
    let visible = visibleQueries.count
    let scope = newScope(in: outer)
    if let with = node.child(.withClause) { withClause(with, outer) }
    for item in node.children(.fromClause) { fromItem(item, scope) }
    if let left = node.child(.larg) { select(left, in: outer) }
    if let right = node.child(.rarg) { select(right, in: outer) }
    visitChildren(node, scope, except: .withClause, .fromClause, .larg, .rarg)
    visibleQueries.removeLast(visibleQueries.count - visible)
  }

  /// WITH queries; their names stay visible until whoever holds them takes them away.
  mutating func withClause(_ node: Node, _ scope: Int) {
    let queries = node.children(.ctes)
    let isRecursive = node.flag(.recursive)
    if isRecursive { visibleQueries.append(contentsOf: queries.map { $0.text(.ctename) }) }
    for query in queries {
      guard query.kind == .commonTableExpr else {
        cannotProve("unknown-node", "a WITH clause holds a \(query.kind)", at: place(query))
        continue
      }
      visitChildren(query, scope)
      if !isRecursive { visibleQueries.append(query.text(.ctename)) }
    }
  }

  mutating func fromItem(_ node: Node, _ scope: Int) {
    switch node.kind {
    case .rangeVar: relation(node, scope)
    case .joinExpr:
      if node.flag(.isNatural) || !node.children(.usingClause).isEmpty { noteOperator("=", at: place(node)) }
      if let left = node.child(.larg) { fromItem(left, scope) }
      if let right = node.child(.rarg) { fromItem(right, scope) }
      join(node, scope)
      visitChildren(node, scope, except: .larg, .rarg)
    case .rangeSubselect:
      if let alias = node.child(.alias)?.text(.aliasname), !alias.isEmpty {
        enter(Mentions.Entry(alias: alias, relation: nil, renamesColumns: false), into: scope)
      }
      // Without LATERAL its neighbours in FROM are not visible in it, only the queries around.
      visitChildren(node, node.flag(.lateral) ? scope : mentions.scopes[scope].parent ?? newScope(in: nil))
    case .rangeFunction, .rangeTableFunc, .jsonTable:
      let alias = node.child(.alias)?.text(.aliasname) ?? ""
      enter(Mentions.Entry(alias: alias, relation: nil, renamesColumns: false, isFunction: true), into: scope)
      visitChildren(node, scope)
    case .rangeTableSample: sample(node, scope)
    default: visit(node, scope)
    }
  }

  /// The columns by which a join compares are read, whoever else names them.
  private mutating func join(_ node: Node, _ scope: Int) {
    let position = place(node)
    for column in node.children(.usingClause) {
      note(Mentions.Column(qualifier: nil, name: column.text(.sval), isRow: false, scope: scope, position: position))
    }
    if node.flag(.isNatural) {
      for relation in mentions.scopes[scope].entries.compactMap(\.relation) { noteAllColumns(of: relation) }
    }
    if let alias = node.child(.alias)?.text(.aliasname), !alias.isEmpty {
      enter(Mentions.Entry(alias: alias, relation: nil, renamesColumns: false), into: scope)
      for relation in mentions.scopes[scope].entries.compactMap(\.relation) { noteAllColumns(of: relation) }
    }
  }

  private mutating func relation(_ node: Node, _ scope: Int) {
    let name = node.text(.relname)
    let alias = node.child(.alias)
    let visibleName = alias?.text(.aliasname) ?? name
    if node.text(.schemaname).isEmpty && visibleQueries.contains(where: { $0.isSpelled(name) }) {
      enter(Mentions.Entry(alias: visibleName, relation: nil, renamesColumns: false), into: scope)
      return
    }
    let relation = noteRelation(node, .read)
    let renames = !(alias?.children(.colnames).isEmpty ?? true)
    if renames { noteAllColumns(of: relation) }
    enter(Mentions.Entry(alias: visibleName, relation: relation, renamesColumns: renames), into: scope)
  }

  /// `TABLESAMPLE method (…)`: the method is a function by name.
  private mutating func sample(_ node: Node, _ scope: Int) {
    if let relation = node.child(.relation) { fromItem(relation, scope) }
    let parts = node.children(.method).map { $0.text(.sval) }
    let method = parts.last ?? ""
    let schema = parts.count > 1 ? parts[parts.count - 2] : nil
    if !(method == "bernoulli" || method == "system") || !(schema == nil || schema == "pg_catalog") {
      note(
        Mentions.Call(
          schema: schema, name: method, count: 1, arguments: [], scope: scope, hasOneArgument: false,
          position: place(node)))
    }
    visitChildren(node, scope, except: .relation, .method)
  }

  mutating func lock(_ node: Node) {
    need(
      .write, "row-locks", "FOR UPDATE and FOR SHARE lock rows, write to them and make others wait", at: nil,
      wayOut: "Leave the locking clause out.")
  }

  mutating func into(_ node: Node) {
    need(
      .ddl, "select-into", "SELECT INTO creates a table", at: node.child(.rel).map(place),
      wayOut: "Leave INTO out to read the rows.")
  }
}
