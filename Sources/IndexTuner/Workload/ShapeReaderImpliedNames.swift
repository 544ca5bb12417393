// The name of a result column that was given none.

import SQLSyntax

extension Reading {
  /// `FigureColname` of the server's parse_target.c, as far as queries refer to such names.
  static func impliedName(_ expression: Node) -> String {
    var node = expression
    // Bounded by the parser's own depth; each turn goes one node down.
    while true {
      switch node.kind {
      case .columnRef: return node.children(.fields).last?.text(.sval) ?? "?column?"
      case .funcCall: return node.children(.funcname).last?.text(.sval) ?? "?column?"
      case .aIndirection:
        if let field = node.children(.indirection).last(where: { $0.kind == .string }) { return field.text(.sval) }
        guard let inner = node.child(.arg) else { return "?column?" }
        node = inner
      case .typeCast:
        guard let inner = node.child(.arg), named.contains(inner.kind) else {
          return node.child(.typeName)?.children(.names).last?.text(.sval) ?? "?column?"
        }
        node = inner
      case .collateClause:
        guard let inner = node.child(.arg) else { return "?column?" }
        node = inner
      case .caseExpr:
        guard let inner = node.child(.defresult), named.contains(inner.kind) else { return "case" }
        node = inner
      case .subLink:
        guard let inner = target(of: node) else { return fixedNames[node.kind] ?? "?column?" }
        if !inner.text(.name).isEmpty { return inner.text(.name) }
        guard let value = inner.child(.val) else { return "?column?" }
        node = value
      case .aExpr where node.symbol(.kind) == .AEXPR_NULLIF: return "nullif"
      default: return fixedNames[node.kind] ?? "?column?"
      }
    }
  }

  private static func target(of link: Node) -> Node? {
    guard link.symbol(.subLinkType) == .EXPR_SUBLINK else { return nil }
    return link.child(.subselect)?.children(.targetList).first
  }

  private static let named: Set<NodeKind> = [.columnRef, .funcCall, .aIndirection, .collateClause]

  private static let fixedNames: [NodeKind: String] = [
    .aArrayExpr: "array", .rowExpr: "row", .coalesceExpr: "coalesce", .groupingFunc: "grouping",
    .subLink: "exists", .minMaxExpr: "greatest",
  ]
}
