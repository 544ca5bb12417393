// Expressions: calls, operators, casts, columns, and what only looks like one of them.

import SQLSyntax

extension StatementReader {
  mutating func call(_ node: Node, _ scope: Int) {
    let names = node.children(.funcname)
    let arguments = node.children(.args)
    var count = arguments.count
    if node.flag(.aggWithinGroup) { count += node.children(.aggOrder).count }
    note(
      Mentions.Call(
        schema: names.count > 1 ? names[names.count - 2].text(.sval) : nil, name: names.last?.text(.sval) ?? "",
        count: count, hasOneArgument: arguments.count == 1, position: place(node)))
    visitChildren(node, scope, except: .funcname)
  }

  mutating func expression(_ node: Node, _ scope: Int) {
    let position = place(node)
    switch node.symbol(.kind) {
    case .AEXPR_OP, .AEXPR_OP_ANY, .AEXPR_OP_ALL, .AEXPR_DISTINCT, .AEXPR_NOT_DISTINCT, .AEXPR_NULLIF, .AEXPR_IN,
      .AEXPR_LIKE, .AEXPR_ILIKE, .AEXPR_SIMILAR:
      operatorName(node.children(.name), isPrefix: node.child(.lexpr) == nil, at: position)
    case .AEXPR_BETWEEN, .AEXPR_NOT_BETWEEN, .AEXPR_BETWEEN_SYM, .AEXPR_NOT_BETWEEN_SYM:
      for name in ["<", "<=", ">", ">="] { noteOperator(name, at: position) }
    default:
      reject("unknown-node", "the statement holds an expression of a kind that is not known", at: position)
    }
    visitChildren(node, scope, except: .name)
  }

  mutating func operatorName(_ names: [Node], isPrefix: Bool = false, at position: Int) {
    noteOperator(
      names.last?.text(.sval) ?? "", in: names.count > 1 ? names[names.count - 2].text(.sval) : nil,
      isPrefix: isPrefix, at: position)
  }

  mutating func type(_ node: Node, _ scope: Int) {
    let names = node.children(.names)
    guard let name = names.last?.text(.sval) else { return }
    let schema = names.count > 1 ? names[names.count - 2].text(.sval) : nil
    if node.flag(.pctType) {
      typeOfColumn(names, at: place(node))
    } else {
      note(Mentions.TypeUse(schema: schema, name: name, position: place(node)))
    }
    visitChildren(node, scope, except: .names)
  }

  /// `table.column%TYPE`: the column's type is unknown here, so it is that of any of the table's columns.
  private mutating func typeOfColumn(_ names: [Node], at position: Int) {
    guard names.count > 1 else { return }
    let name = names[names.count - 2].text(.sval)
    let schema = names.count > 2 ? names[names.count - 3].text(.sval) : nil
    note(Mentions.TypeUse(schema: schema, name: name, position: position))
  }

  mutating func column(_ node: Node, _ scope: Int) {
    let fields = node.children(.fields)
    let position = place(node)
    guard let last = fields.last else { return }
    let qualifier = fields.count > 1 ? fields[fields.count - 2].text(.sval) : nil
    note(
      Mentions.Column(
        qualifier: qualifier, name: last.kind == .string ? last.text(.sval) : "", isRow: last.kind == .aStar,
        scope: scope, position: position))
  }

  mutating func indirection(_ node: Node, _ scope: Int) {
    for part in node.children(.indirection) where part.kind == .string {
      note(Mentions.Selection(name: part.text(.sval), position: node.child(.arg).map(place) ?? 0))
    }
    visitChildren(node, scope)
  }

  /// `x IN (SELECT …)` has an operator that nobody wrote.
  mutating func subLink(_ node: Node, _ scope: Int) {
    let names = node.children(.operName)
    if !names.isEmpty {
      operatorName(names, at: place(node))
    } else if node.child(.testexpr) != nil {
      noteOperator("=", at: place(node))
    }
    visitChildren(node, scope, except: .operName)
  }
}
