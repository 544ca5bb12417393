// Parameters that stood for a constant whose type the text no longer tells: `current_date + $1`.

/// The text with every parameter that is one side of `+` or `-` cast to a type, or nil where there is none.
///
/// pg_stat_statements writes `current_date + 30` as `current_date + $1`. The server knew the constant for an integer; of
/// the parameter it only knows that several operators would do, and refuses.
/// - Parameter type: a type name that needs no quoting, for instance `integer`.
package func castingSummands(of text: String, to type: StaticString) -> String? {
  guard let statements = try? parse(text), statements.count == 1, let statement = statements.first else { return nil }
  let edits = statement.node.all(.aExpr).flatMap { expression -> [Edit] in
    guard expression.symbol(.kind) == .AEXPR_OP, ["+", "-"].contains(expression.children(.name).last?.text(.sval)),
      let left = expression.child(.lexpr), let right = expression.child(.rexpr)
    else { return [] }
    return [left, right].compactMap { side in
      guard side.kind == .paramRef, let place = statement.place(of: side) else { return nil }
      let spelling = "$\(side.integer(.number))"
      return Edit(place..<place + spelling.utf8.count, "CAST(\(spelling) AS \(type))")
    }
  }
  return edits.isEmpty ? nil : spliced(statement.text, edits)
}
