// Parameters that stood for a constant whose type the text no longer tells: `current_date + $1`.

/// The text with every parameter that is one side of `+` or `-` cast to a type, or nil where there is none.
///
/// pg_stat_statements writes `current_date + 30` as `current_date + $1`. The server knew the constant for an integer; of
/// the parameter it only knows that several operators would do, and refuses.
/// - Parameter type: a type name that needs no quoting, for instance `integer`.
package func castingSummands(of text: String, to type: StaticString) -> String? {
  casting(in: text, to: type) { statement in
    statement.node.all(.aExpr).flatMap { sides(of: $0, joinedBy: ["+", "-"]) }
  }
}

/// The text with every parameter cast to `integer` that has none but parameters beside it, in arithmetic or among the results
/// of a CASE, or nil where there is none.
///
/// `sum(CASE WHEN paid THEN 1 ELSE 0 END) * 100 / 30` is written with `$1` to `$4`. Of results that are all parameters the
/// server makes texts, and of two parameters beside an operator nothing.
package func castingFigures(of text: String) -> String? {
  casting(in: text, to: "integer") { statement in
    let operands = statement.node.all(.aExpr).map { sides(of: $0, joinedBy: ["+", "-", "*", "/", "%"]) }
    let results = statement.node.all(.caseExpr).map { choice in
      choice.children(.args).compactMap { $0.child(.result) } + [choice.child(.defresult)].compactMap { $0 }
    }
    return (operands + results).filter { $0.allSatisfy { $0.kind == .paramRef } }.flatMap { $0 }
  }
}

private func casting(in text: String, to type: StaticString, _ chosen: (Statement) -> [Node]) -> String? {
  guard let statements = try? parse(text), statements.count == 1, let statement = statements.first else { return nil }
  let edits = chosen(statement).compactMap { node -> Edit? in
    guard node.kind == .paramRef, let place = statement.place(of: node) else { return nil }
    let spelling = "$\(node.integer(.number))"
    return Edit(place..<place + spelling.utf8.count, "CAST(\(spelling) AS \(type))")
  }
  return edits.isEmpty ? nil : spliced(statement.text, edits)
}

/// Both sides of an operator with one of these names, else nothing.
private func sides(of expression: Node, joinedBy names: [String]) -> [Node] {
  guard expression.symbol(.kind) == .AEXPR_OP, let name = expression.children(.name).last?.text(.sval),
    names.contains(name), let left = expression.child(.lexpr), let right = expression.child(.rexpr)
  else { return [] }
  return [left, right]
}
