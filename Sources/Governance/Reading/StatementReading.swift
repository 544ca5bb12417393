// Statements: their class, and what each kind has where.

import SQLSyntax

extension StatementReader {
  /// A statement at the top of a text or anywhere in another one.
  mutating func statement(_ node: Node, position known: Int?) {
    let position = known ?? node.child(.relation).map(place)
    let name = StatementNames.name(of: node)
    guard let decision = StatementClass.of(node.kind) else {
      cannotProve("unknown-statement", "\(name) is not known to this version of pgadvisor", at: position)
      return
    }
    switch decision.need {
    case .rejection:
      reject(decision.rule, "\(name) \(decision.reason)", at: position, wayOut: decision.wayOut)
    case .permissions(let permissions):
      for permission in permissions {
        need(
          permission, decision.rule, "\(name) \(decision.reason)", at: position,
          wayOut: decision.wayOut.isEmpty ? nil : decision.wayOut)
      }
    case .contents: break
    }
    let outer = newScope(in: nil)
    switch node.kind {
    case .selectStmt: select(node, in: outer)
    case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: change(node, in: outer)
    case .explainStmt: explain(node, position)
    case .copyStmt: copy(node, outer, position)
    default:
      if case .permissions(let permissions) = decision.need, permissions.contains(.ddl) { markAsDefinition() }
      definition(node, outer)
    }
  }

  /// INSERT, UPDATE, DELETE and MERGE.
  private mutating func change(_ node: Node, in outer: Int) {
    let visible = visibleQueries.count
    let scope = newScope(in: outer)
    if let with = node.child(.withClause) { withClause(with, outer) }
    if let target = node.child(.relation) {
      let relation = noteRelation(target, .write)
      let alias = target.child(.alias)?.text(.aliasname) ?? target.text(.relname)
      enter(Mentions.Entry(alias: alias, relation: relation, renamesColumns: false), into: scope)
      if node.kind == .insertStmt {
        enter(Mentions.Entry(alias: "excluded", relation: relation, renamesColumns: false), into: scope)
      }
      let written = (node.children(.cols) + node.children(.targetList)).map { $0.text(.name) }
      noteColumns(written.filter { !$0.isEmpty }, of: relation)
      if node.kind == .deleteStmt || node.kind == .mergeStmt || (node.kind == .insertStmt && written.isEmpty) {
        noteAllColumns(of: relation)
      }
      if looksAtTarget(node) {
        markAsRead(relation)
        need(.read, "data-change", "\(StatementNames.name(of: node)) reads what it changes", at: nil)
      }
    }
    for field in [Field.fromClause, .usingClause] {
      for item in node.children(field) { fromItem(item, scope) }
    }
    if let source = node.child(.sourceRelation) { fromItem(source, scope) }
    visitChildren(node, scope, except: .withClause, .relation, .fromClause, .usingClause, .sourceRelation)
    visibleQueries.removeLast(visibleQueries.count - visible)
  }

  private func looksAtTarget(_ node: Node) -> Bool {
    node.kind == .mergeStmt || node.child(.whereClause) != nil || node.child(.onConflictClause) != nil
      || node.child(.returningClause) != nil || !node.children(.returningList).isEmpty
  }

  /// Plain EXPLAIN runs no statement, but planning evaluates functions: what it holds counts all the same, except that
  /// seeing a SELECT's plan is less than reading.
  private mutating func explain(_ node: Node, _ position: Int?) {
    need(.explain, "explain", "EXPLAIN shows a plan", at: position)
    var isAnalyzed = false
    for option in node.children(.options) {
      let name = option.text(.defname).lowercased()
      guard Self.explainOptions.contains(name) else {
        cannotProve(
          "explain-option", "EXPLAIN's option \(name) is not known", at: place(option), wayOut: "Leave it out.")
        continue
      }
      if name == "analyze" { isAnalyzed = !Self.isFalse(option.child(.arg)) }
    }
    guard let query = node.child(.query) else { return }
    if isAnalyzed {
      need(.explain, "explain-analyze", "EXPLAIN ANALYZE runs the statement", at: position)
      statement(query, position: position)
    } else if query.kind == .selectStmt {
      select(query, in: newScope(in: nil))
    } else {
      statement(query, position: position)
    }
  }

  private static let explainOptions: Set<String> = [
    "analyze", "verbose", "costs", "settings", "generic_plan", "buffers", "serialize", "wal", "timing", "summary",
    "memory", "format",
  ]

  /// As PostgreSQL's `defGetBoolean`; what is neither true nor false counts as true.
  static func isFalse(_ value: Node?) -> Bool {
    guard let value else { return false }
    switch value.kind {
    case .integer: return value.integer(.ival) == 0
    case .boolean: return !value.flag(.boolval)
    case .string: return ["false", "off"].contains(value.text(.sval).lowercased())
    default: return false
    }
  }

  private mutating func copy(_ node: Node, _ scope: Int, _ position: Int?) {
    let isFrom = node.flag(.isFrom)
    if node.flag(.isProgram) {
      need(
        .admin, "copy-program", "COPY … PROGRAM runs a program on the server", at: position, wayOut: "Use a SELECT.")
    } else if !node.text(.filename).isEmpty {
      need(
        .admin, "copy-file", "COPY with a file name reads or writes a file of the server", at: position,
        wayOut: "Use a SELECT.")
    }
    if isFrom {
      need(.write, "copy-from", "COPY FROM changes data", at: position, wayOut: "Ask for it as a proposal.")
    } else {
      need(.read, "copy-to", "COPY TO reads", at: position)
    }
    if let relation = node.child(.relation) {
      let place = noteRelation(relation, isFrom ? .write : .read)
      let columns = node.children(.attlist).map { $0.text(.sval) }
      if columns.isEmpty { noteAllColumns(of: place) } else { noteColumns(columns, of: place) }
      enter(Mentions.Entry(alias: relation.text(.relname), relation: place, renamesColumns: false), into: scope)
    }
    if let query = node.child(.query) { statement(query, position: position) }
    visitChildren(node, scope, except: .relation, .query, .attlist)
  }

  /// Everything else: what stands in it is looked at as if it were evaluated now, for instance defaults and conditions.
  private mutating func definition(_ node: Node, _ scope: Int) {
    switch node.kind {
    case .refreshMatViewStmt:
      if let relation = node.child(.relation) { noteRelation(relation, .refresh) }
    case .truncateStmt:
      for relation in node.children(.relations) { noteAllColumns(of: noteRelation(relation, .write)) }
    case .createTrigStmt, .ruleStmt:
      if let relation = node.child(.relation) { relationOfRule(relation, scope) }
      for name in ["new", "old"] { enter(.init(alias: name, relation: nil, renamesColumns: false), into: scope) }
      visitChildren(node, scope, except: .relation, .constrrel)
    case .createFunctionStmt: visitChildren(node, scope, except: .funcname, .options)
    case .createTableAsStmt:
      visitChildren(node, scope, except: .into)
    case .viewStmt: visitChildren(node, scope, except: .view)
    case .createStmt, .indexStmt, .alterTableStmt, .createForeignTableStmt, .createPolicyStmt, .alterPolicyStmt:
      if let relation = node.child(.relation), node.kind != .createStmt { relationOfRule(relation, scope) }
      visitChildren(node, scope, except: .relation)
    case .alterRoleSetStmt, .alterDatabaseSetStmt, .alterFunctionStmt, .variableSetStmt, .transactionStmt,
      .alterSystemStmt, .createdbStmt, .dropdbStmt, .vacuumStmt, .doStmt,
      .dropStmt, .commentStmt, .renameStmt, .grantStmt, .alterOwnerStmt, .clusterStmt, .reindexStmt:
      return
    case .lockStmt:
      for relation in node.children(.relations) { noteRelation(relation, .read) }
    default: visitChildren(node, scope)
    }
  }

  /// The table whose columns the expressions of a definition name.
  private mutating func relationOfRule(_ node: Node, _ scope: Int) {
    let relation = noteRelation(node, .read)
    enter(Mentions.Entry(alias: node.text(.relname), relation: relation, renamesColumns: false), into: scope)
  }
}
