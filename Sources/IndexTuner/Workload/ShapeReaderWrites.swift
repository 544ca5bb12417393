// INSERT, UPDATE, DELETE, MERGE: the target, what is written to it, and what RETURNING hands out.

import Database
import SQLSyntax

extension Reading {
  /// The top of a statement, and what wraps a query.
  func read(statement node: Node) {
    let wall = Scope(parent: nil, with: nil)
    switch node.kind {
    case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: _ = query(node, inside: wall, with: nil)
    case .explainStmt, .createTableAsStmt, .declareCursorStmt, .prepareStmt, .copyStmt, .viewStmt:
      if let inner = node.child(.query) { deeper { read(statement: inner) } ?? () }
    case .rawStmt: if let inner = node.child(.stmt) { deeper { read(statement: inner) } ?? () }
    default: break
    }
  }

  func change(_ node: Node, inside wall: Scope, with tables: WithTables?) -> QueryOutput {
    let scope = Scope(parent: wall, with: tables)
    isOutermost = false
    switch node.kind {
    case .insertStmt: insert(node, inside: wall, in: scope)
    case .updateStmt: update(node, in: scope)
    case .deleteStmt: delete(node, in: scope)
    default: merge(node, in: scope)
    }
    let (columns, isOpen) = returning(node, in: scope)
    return QueryOutput(columns: columns, isOpen: isOpen)
  }

  private func returning(_ node: Node, in scope: Scope) -> (columns: [NamedColumn], isOpen: Bool) {
    var columns: [NamedColumn] = []
    var isOpen = false
    // PostgreSQL 18 wraps the list in a clause of its own.
    let targets = node.children(.returningList) + (node.child(.returningClause)?.children(.exprs) ?? [])
    for target in targets {
      guard let expression = target.child(.val) else { continue }
      if expression.kind == .columnRef, expression.children(.fields).last?.kind == .aStar {
        let expanded = star(
          expression, of: expression.children(.fields).dropLast().last?.text(.sval), in: scope)
        columns += expanded.columns.map { NamedColumn(name: $0.name, meaning: $0.value.meaning.capped(at: .value)) }
        isOpen = isOpen || expanded.isOpen
      } else {
        let given = target.text(.name)
        columns.append(
          NamedColumn(
            name: given.isEmpty ? Self.impliedName(expression) : given,
            meaning: value(expression, in: scope).meaning.capped(at: .value)))
      }
    }
    return (columns, isOpen)
  }

  // MARK: - The four commands

  private func insert(_ node: Node, inside wall: Scope, in scope: Scope) {
    guard let target = node.child(.relation) else { return }
    let item = self.target(target, isRead: false)
    let named = node.children(.cols).map { $0.text(.name) }
    let columns = named.isEmpty ? item.columns.map(\.name) : named
    if let source = node.child(.selectStmt) {
      if source.child(.withClause) == nil, SelectTraits(source).isValues {
        for row in valueRows(source, inside: wall, with: scope.with) {
          for (column, value) in zip(columns, row) { assign(value, to: column, of: item) }
        }
      } else {
        let output = query(source, inside: wall, with: scope.with)
        for (column, result) in zip(columns, output.columns) {
          assign(BoundValue(meaning: Meaning(parameters: result.meaning.parameters)), to: column, of: item)
        }
      }
    }
    scope.items = [item]
    guard let conflict = node.child(.onConflictClause) else { return }
    var excluded = item
    excluded.name = "excluded"
    excluded.schema = nil
    let updating = Scope(parent: wall, items: [item, excluded], with: scope.with)
    assignments(conflict.children(.targetList), to: item, in: updating)
    if let condition = conflict.child(.whereClause) { _ = value(condition, in: updating) }
  }

  private func update(_ node: Node, in scope: Scope) {
    guard let relation = node.child(.relation) else { return }
    let item = target(relation, isRead: true)
    scope.items = [item]
    for source in node.children(.fromClause) { scope.items += fromItem(source, in: scope) }
    let context = ConditionContext(scope: scope, side: .inner, list: nextList())
    if let condition = node.child(.whereClause) { add(conditions(condition, in: context)) }
    assignments(node.children(.targetList), to: item, in: scope)
  }

  private func delete(_ node: Node, in scope: Scope) {
    guard let relation = node.child(.relation) else { return }
    scope.items = [target(relation, isRead: true)]
    for source in node.children(.usingClause) { scope.items += fromItem(source, in: scope) }
    let context = ConditionContext(scope: scope, side: .inner, list: nextList())
    if let condition = node.child(.whereClause) { add(conditions(condition, in: context)) }
  }

  private func merge(_ node: Node, in scope: Scope) {
    guard let relation = node.child(.relation), let source = node.child(.sourceRelation) else { return }
    let firstTarget = nextUse
    let item = target(relation, isRead: true)
    let targets = firstTarget..<nextUse
    let clauses = node.children(.mergeWhenClauses)
    scope.items = fromItem(source, in: scope) + [item]
    // WHEN NOT MATCHED keeps source rows without a target row.
    let side: JoinSide = clauses.allSatisfy(Self.isMatched) ? .inner : .outer(nullable: targets)
    let context = ConditionContext(scope: scope, side: side, list: nextList())
    if let condition = node.child(.joinCondition) { add(conditions(condition, in: context)) }
    for clause in clauses {
      if let condition = clause.child(.condition) { _ = value(condition, in: scope) }
      let inserted = clause.children(.values)
      if clause.symbol(.commandType) == .CMD_INSERT || !inserted.isEmpty {
        let named = clause.children(.targetList).map { $0.text(.name) }
        let columns = named.isEmpty ? item.columns.map(\.name) : named
        for (column, expression) in zip(columns, inserted) {
          assign(value(expression, in: scope), to: column, of: item)
        }
      } else {
        assignments(clause.children(.targetList), to: item, in: scope)
      }
    }
  }

  /// PostgreSQL 17 replaced the flag by a kind.
  private static func isMatched(_ clause: Node) -> Bool {
    clause.flag(.matched) || clause.symbol(.matchKind) == .MERGE_WHEN_MATCHED
  }

  // MARK: - Targets and assignments

  private func target(_ node: Node, isRead: Bool) -> ScopeItem {
    guard let relation = relation(named: node) else { return Self.opaque(named: node.text(.relname)) }
    let first = nextUse
    // An updatable view is its one table.
    var item = relation.kind == .view && isRead ? view(relation) : table(relation, isRead: isRead)
    markInheritance(item, of: node)
    if isRead {
      let targets = item.use.map { [$0] } ?? Array(Set(item.columns.flatMap(\.meaning.touches))).sorted()
      for use in targets where use >= first {
        markTarget(use)
        if relation.kind != .view { markLeading(use) }
      }
    }
    if let alias = Self.alias(of: node) { item = item.renamed(to: alias.name, columns: alias.columns) }
    return item
  }

  private func assign(_ value: BoundValue, to column: String, of item: ScopeItem) {
    guard let base = item.columns(named: column).first?.meaning.sources.first?.base else { return }
    describe(value, as: .assignment, of: base)
  }

  /// SET lists.
  private func assignments(_ targets: [Node], to item: ScopeItem, in scope: Scope) {
    for target in targets {
      let name = target.text(.name)
      if let base = item.columns(named: name).first?.meaning.sources.first?.base {
        updatedColumns[base.table, default: []].insert(base.column)
      } else if !item.isOpen {
        note("column \(quotedIdentifier(name)) to be set was not found")
      }
      guard let expression = target.child(.val) else { continue }
      guard expression.kind == .multiAssignRef else {
        assign(value(expression, in: scope), to: name, of: item)
        continue
      }
      // `SET (a, b) = (…)`: every target has the same source; it is read with the first.
      guard expression.integer(.colno) <= 1, let source = expression.child(.source) else { continue }
      let whole = value(source, in: scope)
      let names = targets.filter { $0.child(.val)?.child(.source)?.isSame(as: source) == true }
      for (target, part) in zip(names, whole.elements ?? []) { assign(part, to: target.text(.name), of: item) }
    }
  }
}

extension Node {
  /// The same place of the same text: a parser that shares a node writes it out once for each reference.
  fileprivate func isSame(as other: Node) -> Bool {
    kind == other.kind && integer(.location) == other.integer(.location)
  }
}
