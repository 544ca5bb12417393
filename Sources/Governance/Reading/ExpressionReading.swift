// Expressions: calls, operators, casts, columns, and what only looks like one of them.

import SQLSyntax

extension StatementReader {
  mutating func call(_ node: Node, _ scope: Int) {
    let names = node.children(.funcname)
    let arguments = node.children(.args)
    var count = arguments.count
    // In FROM, unnest(a, b) is PostgreSQL's own way to write ROWS FROM (unnest(a), unnest(b)).
    if names.count == 1, names[0].text(.sval) == "unnest", count > 1 { count = 1 }
    if node.flag(.aggWithinGroup) { count += node.children(.aggOrder).count }
    let name = names.last?.text(.sval) ?? ""
    note(
      Mentions.Call(
        schema: names.count > 1 ? names[names.count - 2].text(.sval) : nil, name: name, count: count,
        arguments: arguments, scope: scope, hasOneArgument: arguments.count == 1,
        isShown: shownCalls.contains(node.integer(.location)), position: place(node)))
    if Self.textSearch.contains(name) {
      for argument in arguments where argument.kind == .typeCast && argument.child(.arg)?.isPlainText ?? false {
        argument.child(.typeName).map { _ = plainConfigurations.insert($0.integer(.location)) }
      }
    }
    visitChildren(node, scope, except: .funcname)
  }

  /// These take a configuration or dictionary, and give none.
  private static let textSearch: Set<String> = [
    "to_tsvector", "to_tsquery", "plainto_tsquery", "phraseto_tsquery", "websearch_to_tsquery", "ts_headline",
    "json_to_tsvector", "jsonb_to_tsvector", "ts_lexize",
  ]

  mutating func cast(_ node: Node, _ scope: Int) {
    let names = node.child(.typeName)?.children(.names) ?? []
    if let argument = node.child(.arg), argument.kind == .funcCall,
      ["text", "varchar"].contains(names.last?.text(.sval) ?? ""),
      node.child(.typeName)?.children(.arrayBounds).isEmpty ?? false,
      names.count == 1 || names[0].text(.sval) == "pg_catalog"
    {
      shownCalls.insert(argument.integer(.location))
    }
    visitChildren(node, scope)
  }

  mutating func expression(_ node: Node, _ scope: Int) {
    let position = place(node)
    switch node.symbol(.kind) {
    case .AEXPR_OP, .AEXPR_OP_ANY, .AEXPR_OP_ALL, .AEXPR_DISTINCT, .AEXPR_NOT_DISTINCT, .AEXPR_NULLIF, .AEXPR_IN,
      .AEXPR_LIKE, .AEXPR_ILIKE, .AEXPR_SIMILAR:
      operatorName(
        node.children(.name), isPrefix: node.child(.lexpr) == nil,
        of: node.symbol(.kind) == .AEXPR_OP ? node : nil, scope: scope, at: position)
    case .AEXPR_BETWEEN, .AEXPR_NOT_BETWEEN, .AEXPR_BETWEEN_SYM, .AEXPR_NOT_BETWEEN_SYM:
      for name in ["<", "<=", ">", ">="] { noteOperator(name, at: position) }
    default:
      cannotProve("unknown-node", "the statement holds an expression of a kind that is not known", at: position)
    }
    visitChildren(node, scope, except: .name)
  }

  mutating func operatorName(
    _ names: [Node], isPrefix: Bool = false, of expression: Node? = nil, scope: Int = 0, at position: Int
  ) {
    note(
      Mentions.Operator(
        schema: names.count > 1 ? names[names.count - 2].text(.sval) : nil, name: names.last?.text(.sval) ?? "",
        isPrefix: isPrefix, expression: expression, scope: scope, position: position))
  }

  mutating func type(_ node: Node, _ scope: Int) {
    let names = node.children(.names)
    guard let name = names.last?.text(.sval) else { return }
    let schema = names.count > 1 ? names[names.count - 2].text(.sval) : nil
    if node.flag(.pctType) {
      typeOfColumn(names, at: place(node))
    } else {
      note(
        Mentions.TypeUse(
          schema: schema, name: name, isPlainConfiguration: plainConfigurations.contains(node.integer(.location)),
          position: place(node)))
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
    let argument = node.child(.arg)
    let parts = node.children(.indirection)
    for (index, part) in parts.enumerated() where part.kind == .string {
      let position = argument.map(place) ?? 0
      let name = part.text(.sval)
      let fields = argument?.kind == .columnRef ? argument?.children(.fields) ?? [] : []
      if index == 0, fields.count == 1, fields[0].kind == .string {
        note(
          Mentions.Column(
            qualifier: fields[0].text(.sval), name: name, isRow: false, isInBrackets: true, scope: scope,
            position: position))
      } else if index == 0, argument?.kind == .paramRef {
        let number = argument?.integer(.number) ?? 0
        note(Mentions.Selection(name: name, position: position, row: .parameter(number)))
      } else {
        note(Mentions.Selection(name: name, position: position, row: .anyValue))
      }
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

extension Node {
  /// A text constant that is no name with a schema, except for PostgreSQL's own.
  var isPlainText: Bool {
    guard kind == .aConst, let text = child(.sval)?.text(.sval).unicodeScalars else { return false }
    let own = "pg_catalog.".unicodeScalars
    return !(text.starts(with: own) ? text.dropFirst(own.count) : text[...]).contains(".")
  }
}
