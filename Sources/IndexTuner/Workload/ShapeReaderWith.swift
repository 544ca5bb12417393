// WITH: which common table expressions the planner dissolves into the query and which it computes on their own.

import SQLSyntax

/// How one common table expression was written down, and what its query can see.
struct WithDefinition {
  var node: Node
  var outer: Scope?
  var visible: WithTables
  var namesItself: Bool
  /// The planner puts the query in place of the name; otherwise nothing outside reaches into it
  /// (https://www.postgresql.org/docs/current/queries-with.html#QUERIES-WITH-CTE-MATERIALIZATION).
  var isInlined: Bool
}

extension Reading {
  /// What names WITH adds in front of a query; `parent` itself where there is no WITH.
  func withTables(of owner: Node, outer: Scope?, parent: WithTables?) -> WithTables? {
    guard let clause = owner.child(.withClause) else { return parent }
    var references = Self.references(under: owner)
    let isRecursive = clause.flag(.recursive)
    var chain = WithTables(parent: parent)
    for node in clause.children(.ctes) {
      let name = node.text(.ctename)
      guard let query = node.child(.ctequery) else { continue }
      let inside = Self.references(under: query)
      let namesItself = isRecursive && inside[name] != nil
      // Without RECURSIVE a name in its own query and in those before it means something else.
      if !isRecursive { references.merge(inside) { $0 - $1 } }
      let definition = WithDefinition(
        node: node, outer: outer, visible: chain, namesItself: namesItself,
        isInlined: !namesItself && Self.canInline(node, query, references: references[name] ?? 0))
      // Without RECURSIVE a query sees only those written before it.
      if !isRecursive { chain = WithTables(parent: chain) }
      chain.add(WithTable(name: name, definition: definition))
    }
    return chain
  }

  /// Statements that change data run even when nobody reads what they return.
  func readUnnamed(_ tables: WithTables?, downTo parent: WithTables?) {
    var place = tables
    var unread: [WithTable] = []
    while let here = place, here !== parent {
      unread = here.tables.filter { $0.output == nil && Self.changesData($0.definition.node.child(.ctequery)) } + unread
      place = here.parent
    }
    for table in unread { _ = columns(of: table) }
  }

  /// The columns that a reference to the expression sees.
  func columns(of table: WithTable) -> (columns: [NamedColumn], isOpen: Bool) {
    if let known = table.output { return (known, table.isOpen) }
    guard !table.isBeingRead, let query = table.definition.node.child(.ctequery) else { return ([], true) }
    table.isBeingRead = true
    defer { table.isBeingRead = false }
    let definition = table.definition
    let names = definition.node.children(.aliascolnames).map { $0.text(.sval) }
    let wall = Scope(parent: definition.outer, with: definition.visible, isJoined: definition.isInlined)
    table.isOpen = definition.node.child(.searchClause) != nil || definition.node.child(.cycleClause) != nil
    let volatileBefore = volatileCalls
    var output: QueryOutput
    if definition.namesItself, query.symbol(.op) == .SETOP_UNION, let first = query.child(.larg),
      let again = query.child(.rarg)
    {
      let tables = withTables(of: query, outer: wall, parent: definition.visible)
      output = self.query(first, inside: wall, with: tables)
      table.output = output.renamed(names).columns.map { $0.capped(at: .value) }
      _ = self.query(again, inside: wall, with: tables)
    } else {
      output = self.query(query, inside: wall, with: definition.visible)
    }
    output = output.renamed(names)
    table.isOpen = table.isOpen || output.isOpen
    if definition.isInlined && volatileBefore == volatileCalls { return (output.columns, table.isOpen) }
    let columns = output.columns.map { $0.capped(at: .value) }
    table.output = columns
    return (columns, table.isOpen)
  }

  // MARK: - Facts of the text

  private static func canInline(_ node: Node, _ query: Node, references: Int) -> Bool {
    guard query.kind == .selectStmt, query.children(.lockingClause).isEmpty, !changesDataAnywhere(query) else {
      return false
    }
    switch node.symbol(.ctematerialized) {
    case .CTEMaterializeNever: return true
    case .CTEMaterializeAlways: return false
    default: return references <= 1
    }
  }

  private static func changesData(_ query: Node?) -> Bool {
    switch query?.kind {
    case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: true
    default: false
    }
  }

  private static func changesDataAnywhere(_ root: Node) -> Bool {
    var found = false
    forEachNode(under: root) { node in
      if changesData(node) { found = true }
      return !found
    }
    return found
  }

  /// How often each unqualified relation name stands in a FROM. A name that an inner WITH takes over is counted
  /// too: then an expression counts as computed on its own, which only gives fewer candidates.
  private static func references(under root: Node) -> [String: Int] {
    var counts: [String: Int] = [:]
    forEachNode(under: root) { node in
      if node.kind == .rangeVar, node.text(.schemaname).isEmpty { counts[node.text(.relname), default: 0] += 1 }
      return true
    }
    return counts
  }
}
