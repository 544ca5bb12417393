// JOIN: which names it hides, what ON, USING and NATURAL compare, and which side can be filled up with NULLs.

import Database
import SQLSyntax

/// How a join treats rows without a partner.
enum JoinSide {
  case inner
  /// The table instances of this range can be filled up with NULLs, the others keep all rows.
  case outer(nullable: Range<Int>)
  case full(left: Range<Int>, right: Range<Int>)
}

extension Reading {
  func join(_ node: Node, in scope: Scope) -> [ScopeItem] {
    let firstLeft = nextUse
    var left = node.child(.larg).map { fromItem($0, in: scope) } ?? []
    let firstRight = nextUse
    let before = (scope.lateral, scope.lateralIsOptional)
    scope.lateral += left
    if node.symbol(.jointype) == .JOIN_LEFT { scope.lateralIsOptional = true }
    var right = node.child(.rarg).map { fromItem($0, in: scope) } ?? []
    (scope.lateral, scope.lateralIsOptional) = before
    let end = nextUse

    let side: JoinSide
    switch node.symbol(.jointype) {
    case .JOIN_LEFT: side = .outer(nullable: firstRight..<end)
    case .JOIN_RIGHT: side = .outer(nullable: firstLeft..<firstRight)
    case .JOIN_FULL: side = .full(left: firstLeft..<firstRight, right: firstRight..<end)
    default: side = .inner
    }
    let own = Scope(parent: scope.parent, items: left + right, with: scope.with)
    let merged = mergedNames(node, left, right)
    let context = ConditionContext(scope: own, side: side, list: nextList())
    for name in merged {
      let sides = (Self.column(name, of: left), Self.column(name, of: right))
      markReferenced(sides.0.meaning)
      markReferenced(sides.1.meaning)
      add(compare(sides.0, .equal, sides.1, in: context))
    }
    if let condition = node.child(.quals) { add(conditions(condition, in: context)) }

    switch node.symbol(.jointype) {
    case .JOIN_LEFT: right = right.map { $0.mapped { $0.nullable() } }
    case .JOIN_RIGHT: left = left.map { $0.mapped { $0.nullable() } }
    case .JOIN_FULL:
      left = left.map { $0.mapped { $0.nullable() } }
      right = right.map { $0.mapped { $0.nullable() } }
    default: break
    }
    return items(of: node, left, right, merged)
  }

  /// USING columns, or those NATURAL finds on both sides, in the order of the left side.
  private func mergedNames(_ node: Node, _ left: [ScopeItem], _ right: [ScopeItem]) -> [String] {
    if node.flag(.isNatural) {
      let there = Set(Self.visibleColumns(of: right).map(\.name))
      return Self.visibleColumns(of: left).map(\.name).filter(there.contains)
    }
    return node.children(.usingClause).map { $0.text(.sval) }
  }

  private static func visibleColumns(of items: [ScopeItem]) -> [NamedColumn] {
    items.filter(\.showsColumns).flatMap(\.columns)
  }

  private static func column(_ name: String, of items: [ScopeItem]) -> BoundValue {
    let found = visibleColumns(of: items).filter { $0.name == name }
    guard found.count == 1, let only = found.first else {
      return items.contains { $0.isOpen } ? BoundValue(form: .column, isLocal: true) : .unknown
    }
    return BoundValue(form: .column, meaning: only.meaning, isLocal: true)
  }

  /// What FROM sees of the finished join.
  private func items(
    of node: Node, _ left: [ScopeItem], _ right: [ScopeItem], _ merged: [String]
  ) -> [ScopeItem] {
    let alias = Self.alias(of: node)
    guard alias != nil || !merged.isEmpty else { return left + right }
    var columns = merged.map { name in
      let sides = [Self.column(name, of: left).meaning, Self.column(name, of: right).meaning]
      return NamedColumn(name: name, meaning: Self.mergedMeaning(sides[0], sides[1], node.symbol(.jointype)))
    }
    let sharedCount = columns.count
    columns += Self.visibleColumns(of: left).filter { !merged.contains($0.name) }
    columns += Self.visibleColumns(of: right).filter { !merged.contains($0.name) }
    let isOpen = (left + right).contains { $0.isOpen && $0.showsColumns }
    var joined = ScopeItem(name: nil, columns: columns, isOpen: isOpen, showsName: false)
    if let alias {
      joined = joined.renamed(to: alias.name, columns: alias.columns)
      joined.showsName = true
    }
    let hidden = (left + right).map { item in
      var copy = item
      copy.showsColumns = false
      // An alias on the whole join hides the names inside it.
      if alias != nil { copy.showsName = false }
      return copy
    }
    var shared: [ScopeItem] = []
    if let usingAlias = node.child(.joinUsingAlias) {
      let item = ScopeItem(
        name: usingAlias.text(.aliasname), columns: Array(columns.prefix(sharedCount)), showsColumns: false)
      shared = [item]
    }
    return hidden + [joined] + shared
  }

  private static func mergedMeaning(_ left: Meaning, _ right: Meaning, _ kind: Symbol?) -> Meaning {
    switch kind {
    case .JOIN_RIGHT: return right
    case .JOIN_FULL:
      // coalesce(left, right): of either, and usable for neither.
      return Meaning(touches: left.touches.union(right.touches))
    default: return left
    }
  }
}
