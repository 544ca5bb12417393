// SELECT, VALUES, set operations: each is read once and leaves the columns that its surroundings see.

import Database
import SQLSyntax

/// The columns of a query's result.
struct QueryOutput {
  var columns: [NamedColumn] = []
  /// It has columns that could not be listed.
  var isOpen = false

  func renamed(_ names: [String]) -> QueryOutput {
    var copy = self
    for (position, name) in names.enumerated() where position < copy.columns.count {
      copy.columns[position].name = name
    }
    return copy
  }
}

/// One entry of a select list.
struct OutputColumn {
  var name: String
  var value: BoundValue
}

extension Reading {
  /// Reads any statement that can stand in brackets, in WITH or on its own.
  func query(_ node: Node, inside wall: Scope, with outerTables: WithTables?, needsColumns: Bool = true) -> QueryOutput
  {
    deeper {
      switch node.kind {
      case .selectStmt:
        let tables = withTables(of: node, outer: wall, parent: outerTables)
        defer { readUnnamed(tables, downTo: outerTables) }
        let traits = SelectTraits(node)
        if traits.isSetOperation { return setOperation(node, inside: wall, with: tables) }
        if traits.isValues { return valuesLists(node, inside: wall, with: tables) }
        return select(node, traits, inside: wall, with: tables, needsColumns: needsColumns)
      case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt:
        let tables = withTables(of: node, outer: wall, parent: outerTables)
        defer { readUnnamed(tables, downTo: outerTables) }
        return change(node, inside: wall, with: tables)
      default:
        note("a \(node.kind) in a query is not looked into")
        return QueryOutput(isOpen: true)
      }
    } ?? QueryOutput(isOpen: true)
  }

  // MARK: - SELECT

  private func select(
    _ node: Node, _ traits: SelectTraits, inside wall: Scope, with tables: WithTables?, needsColumns: Bool
  ) -> QueryOutput {
    let scope = Scope(parent: wall, with: tables)
    let sources = node.children(.fromClause)
    scope.stopsEarly =
      sources.count == 1 && sources[0].kind == .rangeSubselect && !traits.isSorted && !traits.returnsEveryRowFirst
      && (node.child(.limitCount) != nil || wall.stopsEarly)
    let firstUse = nextUse
    let isAlone = isPlannedAlone(traits)
    for item in sources { scope.items += fromItem(item, in: scope) }
    if isAlone, let first = sources.first.map(Self.leftmost), first.kind == .rangeVar,
      nextUse > firstUse, catalog[uses[firstUse].table]?.name == first.text(.relname)
    {
      markLeading(firstUse)
    }
    scope.stopsEarly = wall.stopsEarly
    let context = ConditionContext(scope: scope, side: .inner, list: nextList())
    if let condition = node.child(.whereClause) { add(conditions(condition, in: context)) }
    let (outputs, isOpen) = outputs(of: node, in: scope, needsColumns: needsColumns)
    if let having = node.child(.havingClause) {
      // PostgreSQL moves conditions on grouped columns to WHERE; those on aggregates name no plain column.
      if traits.hasGroupingSets { _ = value(having, in: scope) } else { add(conditions(having, in: context)) }
    }
    let groups = grouping(of: node, outputs, in: scope)
    let windows = windows(of: node, in: scope)
    let distinct = SelectTraits.distinct(node)?.map { sortValue($0, outputs, in: scope, isGroup: false) }
    ordering(of: node, traits, outputs, distinct: distinct, in: scope)
    limits(of: node, in: scope)
    if !traits.isGrouped && !traits.hasHaving && !traits.hasWith { noteExtremes(of: outputs, node, in: scope) }
    if traits.isDistinct && !traits.isDistinctOn { add(group: outputs.map(\.value.flatSpots)) }

    let barrier = SelectBarrier(
      traits: traits, groups: groups, partitions: windows, distinctOn: traits.isDistinctOn ? distinct ?? [] : nil)
    let columns = outputs.map { output in
      NamedColumn(name: output.name, meaning: barrier.meaning(of: output.value))
    }
    return QueryOutput(columns: columns, isOpen: isOpen)
  }

  /// The statement itself, or a subquery that the planner does not pull up.
  private func isPlannedAlone(_ traits: SelectTraits) -> Bool {
    defer { isOutermost = false }
    return isOutermost || !traits.isFlat
  }

  private static func leftmost(_ item: Node) -> Node {
    var node = item
    while node.kind == .joinExpr, let left = node.child(.larg) { node = left }
    return node
  }

  /// The select list with its stars spelled out.
  private func outputs(
    of node: Node, in scope: Scope, needsColumns: Bool
  ) -> (columns: [OutputColumn], isOpen: Bool) {
    var columns: [OutputColumn] = []
    var isOpen = false
    for target in node.children(.targetList) {
      guard let expression = target.child(.val) else { continue }
      let fields = expression.kind == .columnRef ? expression.children(.fields) : []
      guard fields.last?.kind == .aStar else {
        let given = target.text(.name)
        columns.append(
          OutputColumn(
            name: given.isEmpty ? Self.impliedName(expression) : given, value: value(expression, in: scope)))
        continue
      }
      // EXISTS (SELECT * …) reads no column.
      guard needsColumns else { continue }
      let expanded = star(expression, of: fields.dropLast().last?.text(.sval), in: scope)
      columns += expanded.columns
      isOpen = isOpen || expanded.isOpen
    }
    return (columns, isOpen)
  }

  func star(_ node: Node, of name: String?, in scope: Scope) -> (columns: [OutputColumn], isOpen: Bool) {
    _ = column(node, in: scope)
    let items: [ScopeItem]
    if let name {
      items = item(named: name, schema: nil, in: scope).map { [$0.0] } ?? []
    } else {
      items = scope.items.filter(\.showsColumns)
    }
    let columns = items.flatMap(\.columns).map { column in
      OutputColumn(
        name: column.name, value: BoundValue(form: .column, meaning: column.meaning, isLocal: true))
    }
    return (columns, items.isEmpty || items.contains(where: \.isOpen))
  }

  /// LIMIT and OFFSET parameters.
  func limits(of node: Node, in scope: Scope) {
    for (field, role) in [(Field.limitCount, ParameterUse.Role.limit), (.limitOffset, .offset)] {
      guard let expression = node.child(field) else { continue }
      if case .parameter(let number) = value(expression, in: scope).form { describe(number, as: role) }
    }
  }

  // MARK: - VALUES

  /// Rows of VALUES as rows of bound values.
  func valueRows(_ node: Node, inside wall: Scope, with tables: WithTables?) -> [[BoundValue]] {
    let scope = Scope(parent: wall, with: tables)
    return node.children(.valuesLists).map { values($0.children(.items), in: scope) }
  }

  private func valuesLists(_ node: Node, inside wall: Scope, with tables: WithTables?) -> QueryOutput {
    let rows = valueRows(node, inside: wall, with: tables)
    let scope = Scope(parent: wall, with: tables)
    limits(of: node, in: scope)
    let width = rows.map(\.count).max() ?? 0
    let columns = (0..<width).map { position in
      var meaning = Meaning()
      for row in rows where position < row.count {
        meaning.touches.formUnion(row[position].meaning.touches)
        if case .parameter(let number) = row[position].form {
          meaning.parameters.append(HandedParameter(number: number, isArray: false))
        }
      }
      return NamedColumn(name: "column\(position + 1)", meaning: meaning)
    }
    return QueryOutput(columns: columns)
  }

  // MARK: - UNION, INTERSECT, EXCEPT

  private func setOperation(_ node: Node, inside wall: Scope, with tables: WithTables?) -> QueryOutput {
    isOutermost = false
    let (branches, isUnionAll, hasExcept) = Self.branches(of: node)
    let outputs = branches.map { query($0, inside: wall, with: tables) }
    let traits = branches.map { SelectTraits($0) }
    // A limited branch blocks the whole of any but UNION ALL, where each branch is planned on its own.
    let isBlocked = hasExcept || (!isUnionAll && traits.contains { $0.isLimited })
    let own = SelectTraits(node)
    var cap: Reach = isBlocked || own.isLimited ? .value : (isUnionAll ? .full : .restriction)
    let first = outputs.first?.columns ?? []
    var columns = first.enumerated().map { position, column in
      let parts = outputs.compactMap { position < $0.columns.count ? $0.columns[position].meaning : nil }
      return NamedColumn(name: column.name, meaning: Self.united(parts))
    }
    let scope = Scope(parent: wall, with: tables)
    if !isUnionAll { columns = columns.map { $0.capped(at: min(cap, .restriction)) } }
    let results = columns.map {
      OutputColumn(name: $0.name, value: BoundValue(form: .column, meaning: $0.meaning, isLocal: true))
    }
    let keys = node.children(.sortClause).map { sortKey($0, results, in: scope) }
    if !keys.isEmpty { add(order: RequestedOrder(keys: keys, isLimited: own.isLimited && isUnionAll)) }
    limits(of: node, in: scope)
    if own.isSorted || own.isLocked || own.hasWith { cap = min(cap, .restriction) }
    return QueryOutput(
      columns: columns.map { $0.capped(at: cap) }, isOpen: outputs.contains { $0.isOpen })
  }

  private static func united(_ parts: [Meaning]) -> Meaning {
    var whole = Meaning()
    for part in parts {
      for source in part.sources where !whole.sources.contains(source) { whole.sources.append(source) }
      whole.touches.formUnion(part.touches)
      whole.parameters += part.parameters
      whole.isUnknown = whole.isUnknown || part.isUnknown
    }
    return whole
  }

  /// The operands of a chain, left to right, without recursion along its left side: chains can be very long.
  private static func branches(of node: Node) -> (branches: [Node], isUnionAll: Bool, hasExcept: Bool) {
    var branches: [Node] = []
    var isUnionAll = true
    var hasExcept = false
    var waiting = [node]
    while let next = waiting.popLast() {
      let traits = SelectTraits(next)
      // A bracketed operand with its own WITH, ORDER BY or LIMIT is a query of its own.
      let isOwn = next !== node && (traits.isSorted || traits.isLimited || traits.hasWith)
      guard traits.isSetOperation, !isOwn, let left = next.child(.larg), let right = next.child(.rarg) else {
        branches.append(next)
        continue
      }
      if next.symbol(.op) != .SETOP_UNION || !next.flag(.all) { isUnionAll = false }
      if next.symbol(.op) == .SETOP_EXCEPT { hasExcept = true }
      waiting.append(right)
      waiting.append(left)
    }
    return (branches, isUnionAll, hasExcept)
  }
}
