// Whether a statement could tell anything of rows that a filter hides, if its conditions were looked at before the filter.

import SQLSyntax

/// PostgreSQL sorts conditions by their cost, and one that fails on a hidden row tells of it. What is proven here to never
/// fail may stand beside a filter; anything else stands behind a fence. PostgreSQL itself does the same for views with
/// `security_barrier`: https://www.postgresql.org/docs/current/rules-privileges.html
///
/// A condition is what decides about rows: WHERE, ON, HAVING, and every expression of a query inside another, since the
/// planner may flatten it. What the outermost query puts out is computed from rows that have passed everything.
struct LeakFreeConditions {
  /// - Parameter filters: those of the relations. One with a query in it may become a join, and the planner may sort by
  ///   what the outermost query puts out before it joins.
  static func hold(in statement: Node, beside filters: [String] = []) -> Bool {
    guard statement.kind == .selectStmt else { return false }
    let areJoined = filters.contains { filter in
      (try? PolicyText.expression(filter)).map { !$0.all(.subLink).isEmpty } ?? true
    }
    return isFree(select: statement, isOutermost: !areJoined, depth: 0)
  }

  private static let deepest = 32

  private static func isFree(select: Node, isOutermost: Bool, depth: Int) -> Bool {
    guard depth < deepest else { return false }
    if let left = select.child(.larg), let right = select.child(.rarg) {
      return isFree(select: left, isOutermost: isOutermost, depth: depth + 1)
        && isFree(select: right, isOutermost: isOutermost, depth: depth + 1)
        && select.child(.withClause).map { areFree(queries: $0, depth) } ?? true
    }
    for field in select.fields {
      switch (field.name, field.value) {
      case (.withClause, .node(let with)):
        guard areFree(queries: with, depth) else { return false }
      case (.fromClause, .list(let items)):
        guard items.allSatisfy({ isFree(item: $0, depth) }) else { return false }
      case (.whereClause, .node(let condition)), (.havingClause, .node(let condition)):
        guard isFree(condition, depth) else { return false }
      case (.targetList, .list(let targets)) where !isOutermost:
        guard targets.allSatisfy({ $0.child(.val).map { isFree($0, depth) } ?? false }) else { return false }
      case (.groupClause, .list(let keys)):
        guard isOutermost || keys.allSatisfy({ isFree($0, depth) }) else { return false }
      case (.sortClause, .list(let keys)):
        guard isOutermost || keys.allSatisfy({ $0.child(.node).map { isFree($0, depth) } ?? false }) else {
          return false
        }
      case (.distinctClause, .list(let items)):
        guard isOutermost || items.allSatisfy({ $0.kind == .node }) else { return false }
      case (.limitCount, .node(let node)), (.limitOffset, .node(let node)):
        guard areSubqueriesFree(in: node, depth) else { return false }
      case (.targetList, _), (.limitOption, _), (.op, _), (.groupDistinct, _): continue
      // Subqueries of the outermost target list are queries inside another all the same.
      default: return false
      }
    }
    return !isOutermost
      || [Field.targetList, .groupClause, .sortClause, .distinctClause].allSatisfy { field in
        select.children(field).allSatisfy { areSubqueriesFree(in: $0, depth) }
      }
  }

  private static func areFree(queries with: Node, _ depth: Int) -> Bool {
    !with.flag(.recursive)
      && with.children(.ctes).allSatisfy { query in
        query.child(.ctequery).map {
          $0.kind == .selectStmt && isFree(select: $0, isOutermost: false, depth: depth + 1)
        }
          ?? false
      }
  }

  private static func areSubqueriesFree(in node: Node, _ depth: Int) -> Bool {
    var isFree = true
    node.walkChoosing { node, _ in
      guard node.kind == .subLink else { return .into }
      isFree = isFree && Self.isFree(node, depth)
      return .over
    }
    return isFree
  }

  private static func isFree(item: Node, _ depth: Int) -> Bool {
    switch item.kind {
    case .rangeVar: true
    case .rangeSubselect:
      item.child(.subquery).map { isFree(select: $0, isOutermost: false, depth: depth + 1) } ?? false
    case .joinExpr:
      // Equality by USING and NATURAL is of columns.
      (item.child(.larg).map { isFree(item: $0, depth) } ?? false)
        && (item.child(.rarg).map { isFree(item: $0, depth) } ?? false)
        && (item.child(.quals).map { isFree($0, depth) } ?? true)
    default: false
    }
  }

  /// Whether an expression cannot fail, whatever row it is given.
  private static func isFree(_ node: Node, _ depth: Int) -> Bool {
    guard depth < deepest else { return false }
    switch node.kind {
    case .columnRef: return true
    case .boolExpr: return node.children(.args).allSatisfy { isFree($0, depth + 1) }
    case .nullTest, .booleanTest: return node.child(.arg).map { isFree($0, depth + 1) } ?? false
    case .aExpr: return isShiftedDate(node) || isFree(comparison: node, depth)
    case .caseExpr, .caseWhen, .coalesceExpr:
      return node.allChildren.allSatisfy { isFree($0, depth + 1) }
    case .funcCall: return isFree(aggregate: node, depth)
    case .subLink: return isFree(subLink: node, depth)
    case .list: return node.children(.items).allSatisfy { isFree($0, depth + 1) }
    default: return isConstant(node)
    }
  }

  private static func isFree(comparison node: Node, _ depth: Int) -> Bool {
    let names = node.children(.name).map { $0.text(.sval) }
    guard names.count == 1, let right = node.child(.rexpr) else { return false }
    let left = node.child(.lexpr)
    switch node.symbol(.kind) {
    case .AEXPR_OP, .AEXPR_DISTINCT, .AEXPR_NOT_DISTINCT, .AEXPR_IN, .AEXPR_BETWEEN, .AEXPR_NOT_BETWEEN,
      .AEXPR_OP_ANY, .AEXPR_OP_ALL:
      guard let left, ["=", "<>", "<", ">", "<=", ">=", "BETWEEN", "NOT BETWEEN"].contains(names[0]) else {
        return false
      }
      return isFree(left, depth + 1) && isFree(right, depth + 1)
    default: return false
    }
  }

  static let aggregates: Set<String> = ["count", "sum", "avg", "min", "max"]

  /// What an aggregate gathers has passed every condition of its query.
  private static func isFree(aggregate node: Node, _ depth: Int) -> Bool {
    let names = node.children(.funcname).map { $0.text(.sval) }
    return names.count == 1 && aggregates.contains(names[0]) && node.child(.over) == nil
      && node.child(.aggFilter) == nil
      && node.children(.args).allSatisfy { areSubqueriesFree(in: $0, depth) }
  }

  private static func isFree(subLink node: Node, _ depth: Int) -> Bool {
    guard node.symbol(.subLinkType) == .EXISTS_SUBLINK || node.symbol(.subLinkType) == .ANY_SUBLINK || isOneRow(node),
      node.children(.operName).isEmpty, let query = node.child(.subselect), query.kind == .selectStmt
    else { return false }
    return (node.child(.testexpr).map { isFree($0, depth + 1) } ?? true)
      && isFree(select: query, isOutermost: false, depth: depth + 1)
  }

  /// `(SELECT max(x) FROM …)`: an aggregate without groups gives one row, whatever there is.
  private static func isOneRow(_ node: Node) -> Bool {
    guard node.symbol(.subLinkType) == .EXPR_SUBLINK, let query = node.child(.subselect),
      query.children(.groupClause).isEmpty, query.child(.larg) == nil, query.child(.havingClause) == nil
    else { return false }
    let targets = query.children(.targetList)
    return targets.count == 1 && targets[0].child(.val)?.kind == .funcCall
  }

  /// Literals, parameters and what is computed from literals alone while planning, which fails for every row or for none.
  private static func isConstant(_ node: Node) -> Bool {
    switch node.kind {
    case .aConst, .paramRef: return true
    case .typeCast:
      guard let argument = node.child(.arg), argument.kind == .aConst else { return false }
      let names = node.child(.typeName)?.children(.names).map { $0.text(.sval) } ?? []
      return names.last.map { constantTypes.contains($0) && (names.count == 1 || names[0] == "pg_catalog") } ?? false
    default: return false
    }
  }

  /// `date '1998-12-01' - interval '90 days'`: IMMUTABLE, and so folded.
  private static func isShiftedDate(_ node: Node) -> Bool {
    func type(_ field: Field) -> String? {
      guard let side = node.child(field), side.kind == .typeCast, isConstant(side) else { return nil }
      return side.child(.typeName)?.children(.names).last?.text(.sval)
    }
    let names = node.children(.name).map { $0.text(.sval) }
    return node.symbol(.kind) == .AEXPR_OP && (names == ["+"] || names == ["-"])
      && (type(.lexpr) == "date" || type(.lexpr) == "timestamp") && type(.rexpr) == "interval"
  }

  /// Types whose literals are read while the statement is analysed.
  private static let constantTypes: Set<String> = [
    "date", "timestamp", "timestamptz", "int4", "int8", "int2", "numeric", "text", "bool", "interval", "uuid",
    "varchar", "bpchar",
  ]
}
