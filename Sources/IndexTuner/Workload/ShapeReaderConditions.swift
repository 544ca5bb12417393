// WHERE, ON and HAVING: AND lists taken apart into conditions on single columns.

import Database
import SQLSyntax

/// Where a condition stands.
struct ConditionContext {
  var scope: Scope
  var side: JoinSide
  /// Number of the AND list.
  var list: Int
  /// Holds for every row of the result: not inside an OR.
  var isConjunct = true

  /// An EXISTS or IN here becomes a join.
  var canJoin: Bool { if case .inner = side { isConjunct } else { false } }

  /// Rows of this table instance that fail the condition leave the result of the join.
  func drops(_ use: Int) -> Bool {
    switch side {
    case .inner: true
    case .outer(let nullable): nullable.contains(use)
    case .full: false
    }
  }
}

/// The comparisons a btree knows, seen from the left operand.
enum Comparison {
  case equal, notEqual, upperBound, lowerBound

  init?(_ name: String) {
    switch name {
    case "=": self = .equal
    case "<>", "!=": self = .notEqual
    case "<", "<=": self = .upperBound
    case ">", ">=": self = .lowerBound
    default: return nil
    }
  }

  var commuted: Comparison {
    switch self {
    case .upperBound: .lowerBound
    case .lowerBound: .upperBound
    case .equal, .notEqual: self
    }
  }

  var negated: Comparison {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .upperBound: .lowerBound
    case .lowerBound: .upperBound
    }
  }

  var role: ParameterUse.Role {
    switch self {
    case .equal: .equality
    case .notEqual: .other
    case .upperBound: .upperBound
    case .lowerBound: .lowerBound
    }
  }
}

extension Reading {
  /// What an index could serve of a condition. Everything in it is read, usable or not.
  func conditions(_ node: Node, in context: ConditionContext, isNegated: Bool = false) -> [Atom] {
    deeper { conditionsHere(node, in: context, isNegated: isNegated) } ?? []
  }

  private func conditionsHere(_ node: Node, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    switch node.kind {
    case .boolExpr:
      let parts = node.children(.args)
      switch (node.symbol(.boolop), isNegated) {
      case (.NOT_EXPR, _): return parts.flatMap { conditions($0, in: context, isNegated: !isNegated) }
      case (.AND_EXPR, false), (.OR_EXPR, true):
        return parts.flatMap { conditions($0, in: context, isNegated: isNegated) }
      default: return alternatives(parts, in: context, isNegated: isNegated)
      }
    case .aExpr: return operatorCondition(node, in: context, isNegated: isNegated)
    case .nullTest:
      let tested = value(node.child(.arg) ?? node, in: context.scope)
      guard (node.symbol(.nulltesttype) == .IS_NULL) != isNegated else {
        markStrict([tested], in: context)
        return constant(tested, .present, in: context) { "\($0) IS NOT NULL" }
      }
      let isNullable = tested.meaning.sources.contains(where: \.isNullable)
      return restrict(tested, to: .literal(.null), in: context, as: .missing)
        + (isNullable ? [] : constant(tested, .missing, in: context) { "\($0) IS NULL" })
    case .booleanTest:
      let tested = value(node.child(.arg) ?? node, in: context.scope)
      let isPlain = node.symbol(.booltesttype) == .IS_TRUE || node.symbol(.booltesttype) == .IS_FALSE
      guard isPlain && !isNegated else {
        obstruct(tested.meaning.touches, Self.differs(tested, "IS NOT TRUE or the like"))
        return []
      }
      markStrict([tested], in: context)
      let word = node.symbol(.booltesttype) == .IS_TRUE ? "TRUE" : "FALSE"
      return restrict(tested, to: .literal(.flag(true)), in: context, as: .equal(isConstant: true))
        + constant(tested, .flag, in: context) { "\($0) IS \(word)" }
    case .columnRef:
      let tested = value(node, in: context.scope)
      guard tested.meaning.sources.allSatisfy({ column($0.base)?.typeName == "boolean" }) else { return [] }
      markStrict([tested], in: context)
      return restrict(tested, to: .literal(.flag(true)), in: context, as: .equal(isConstant: true))
        + constant(tested, .flag, in: context) { isNegated ? "NOT \($0)" : $0 }
    case .subLink: return subLinkCondition(node, in: context, isNegated: isNegated)
    case .aConst, .paramRef:
      _ = value(node, in: context.scope)
      return []
    default: return otherCondition(node, in: context, isNegated: isNegated)
    }
  }

  // MARK: - Subqueries as conditions

  private func subLinkCondition(_ node: Node, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    guard let inner = node.child(.subselect) else { return [] }
    let traits = SelectTraits(inner)
    if node.symbol(.subLinkType) == .EXISTS_SUBLINK {
      let isJoined = context.canJoin && traits.joinsInExists
      _ = subquery(inner, in: context.scope, isJoined: isJoined, isAnti: isNegated, needsColumns: false)
      return []
    }
    let operatorName = node.children(.operName).last?.text(.sval) ?? "="
    guard node.symbol(.subLinkType) == .ANY_SUBLINK, operatorName == "=", !isNegated, context.canJoin,
      let tested = node.child(.testexpr)
    else {
      let mark = touchLog.count
      _ = value(node, in: context.scope)
      let isMissing = node.symbol(.subLinkType) == .ANY_SUBLINK && operatorName == "=" && isNegated
      obstruct(
        touched(since: mark),
        isMissing
          ? "NOT IN (SELECT …) is tried row by row, for the sake of NULLs; NOT EXISTS is joined, and can use an index"
          : "a subquery that is compared otherwise than by IN or EXISTS is computed apart: it finds no rows here")
      return []
    }
    let left = value(tested, in: context.scope)
    let (_, output) = subquery(inner, in: context.scope, isJoined: traits.isFlat)
    let right = output.columns.map { BoundValue(form: .column, meaning: $0.meaning, isLocal: true) }
    let parts = left.elements ?? [left]
    return zip(parts, right).flatMap { compare($0, .equal, $1, in: context) }
  }

  // MARK: - Operators

  private func operatorCondition(_ node: Node, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    let names = node.children(.name).map { $0.text(.sval) }
    let isOrdinary = names.count == 1 || names.first == "pg_catalog"
    guard isOrdinary, let name = names.last, node.child(.lexpr) != nil, node.child(.rexpr) != nil else {
      _ = value(node, in: context.scope)
      return []
    }
    switch node.symbol(.kind) {
    case .AEXPR_OP:
      if Self.patternOperators.contains(name) { return pattern(node, name, in: context, isNegated: isNegated) }
      guard let comparison = Comparison(name) else { return lookup(node, name, in: context, isNegated: isNegated) }
      let (left, right) = operands(of: node, in: context)
      return compare(left, isNegated ? comparison.negated : comparison, right, in: context)
    case .AEXPR_IN: return membership(node, isPositive: (name == "=") != isNegated, in: context)
    case .AEXPR_OP_ANY, .AEXPR_OP_ALL:
      let isAny = node.symbol(.kind) == .AEXPR_OP_ANY
      if isAny, !isNegated, Self.patternOperators.contains(name), name.first != "!" {
        return anyPattern(node, name, in: context)
      }
      guard let comparison = Comparison(name) else { break }
      return arrayComparison(node, comparison, isAny: isAny, isNegated: isNegated, in: context)
    case .AEXPR_LIKE, .AEXPR_ILIKE, .AEXPR_SIMILAR: return pattern(node, name, in: context, isNegated: isNegated)
    case .AEXPR_BETWEEN, .AEXPR_BETWEEN_SYM: return between(node, isPositive: !isNegated, in: context)
    case .AEXPR_NOT_BETWEEN, .AEXPR_NOT_BETWEEN_SYM: return between(node, isPositive: isNegated, in: context)
    default: break
    }
    let mark = touchLog.count
    _ = value(node, in: context.scope)
    obstruct(touched(since: mark), "a comparison such as IS DISTINCT FROM, which no index serves")
    return []
  }

  func operands(of node: Node, in context: ConditionContext) -> (BoundValue, BoundValue) {
    let left = node.child(.lexpr).map { value($0, in: context.scope) } ?? .unknown
    guard let right = node[.rexpr] else { return (left, .unknown) }
    switch right {
    case .node(let inner): return (left, value(inner, in: context.scope))
    case .list(let parts):
      var whole = BoundValue.expression(over: [])
      let elements = values(parts, in: context.scope)
      whole = .expression(over: elements)
      whole.form = .list(elements)
      return (left, whole)
    default: return (left, .unknown)
    }
  }

  /// `col IN (…)`, also of rows.
  private func membership(_ node: Node, isPositive: Bool, in context: ConditionContext) -> [Atom] {
    let (left, right) = operands(of: node, in: context)
    markStrict(left.elements ?? [left], in: context)
    let members = right.elements ?? []
    let columns = left.elements ?? [left]
    var found: [Atom] = []
    for (position, column) in columns.enumerated() {
      let values = members.map { member in
        left.elements == nil ? member : (member.elements ?? [member]).dropFirst(position).first ?? .unknown
      }
      for value in values { describe(value, beside: column, as: isPositive ? .equality : .other) }
      for value in values where left.elements == nil { describe(column, beside: value, as: .other) }
      guard isPositive else {
        obstruct(column.meaning.touches, Self.differs(column, "NOT IN (…)"))
        if left.elements == nil { found += differingConstants(column, values, in: context) }
        continue
      }
      var whole = BoundValue.expression(over: values)
      whole.type = values.compactMap(\.type).first
      found += restrict(column, to: whole, in: context, as: .equal(isConstant: values.count == 1))
    }
    return found
  }

  /// `col = ANY (array)`, `col <> ALL (array)`, `col < ANY (array)`. An ALL that is not negated, or an ANY that is,
  /// finds no rows by an index.
  private func arrayComparison(
    _ node: Node, _ comparison: Comparison, isAny: Bool, isNegated: Bool, in context: ConditionContext
  ) -> [Atom] {
    let (left, right) = operands(of: node, in: context)
    markStrict([left], in: context)
    let effective = isNegated ? comparison.negated : comparison
    let isUsable = isAny != isNegated && effective != .notEqual
    let role = isUsable && effective == .equal ? ParameterUse.Role.equality : .other
    describe(right, beside: left, as: right.elements == nil ? .anyArray : role)
    if isUsable, effective == .equal, right.isColumn, let text = right.spelling?.text {
      obstruct(
        right.meaning.touches,
        "… = ANY (\(text)) uses no index as it is written; written as \(text) @> ARRAY[…] a GIN index on \(text) serves it"
      )
    }
    guard isUsable else {
      obstruct(left.meaning.touches, Self.differs(left, "<> ALL (…)"))
      return []
    }
    var whole = BoundValue.expression(over: [right])
    whole.type = right.elements?.compactMap(\.type).first
    return restrict(left, to: whole, in: context, as: effective == .equal ? .equal(isConstant: false) : .bound)
  }

  private static let patternOperators: Set<String> = ["~", "~~", "~*", "~~*", "!~", "!~~", "!~*", "!~~*"]

  static func differs(_ value: BoundValue, _ what: String) -> String {
    "\(value.spelling?.text ?? "an expression") \(what): an index finds what equals or lies between, not what differs"
  }

  private func between(_ node: Node, isPositive: Bool, in context: ConditionContext) -> [Atom] {
    let (left, right) = operands(of: node, in: context)
    guard let limits = right.elements, limits.count == 2 else { return [] }
    markStrict([left], in: context)
    let list = isPositive ? context.list : nextList()
    describe(limits[0], beside: left, as: isPositive ? .lowerBound : .upperBound, list: list)
    describe(limits[1], beside: left, as: isPositive ? .upperBound : .lowerBound, list: list)
    // NOT BETWEEN is two ranges: what lies below and what lies above.
    var found: [Atom] = []
    for limit in limits {
      found += restrict(left, to: limit, in: context, as: .bound)
      // `$1 BETWEEN low AND high`: both columns are bounded. Of NOT BETWEEN either may be, which is an OR.
      if isPositive { found += restrict(limit, to: left, in: context, as: .bound) }
    }
    describe(left, beside: limits[0], as: .upperBound)
    return found
  }
}
