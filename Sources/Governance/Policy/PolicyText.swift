// SQL that operators write into policies: read, checked, and with the caller's names bound.

import SQLSyntax

extension Mask {
  /// An expression of one column: no query, no parameter.
  static func expression(checking text: String) throws(PolicyFailure) -> Mask {
    let node = try PolicyText.expression(text)
    var isPlain = true
    node.walk { node, _ in
      if node.kind == .subLink || node.kind == .selectStmt || node.kind == .paramRef { isPlain = false }
    }
    guard isPlain else { throw PolicyFailure("the SQL of a mask is an expression without queries and parameters") }
    return .expression(text)
  }
}

package enum PolicyText {
  /// Whether a row filter can be read; binds nothing.
  package static func check(filter: String) throws(PolicyFailure) {
    let text = bound(filter, to: Principal(name: "agent", onBehalfOf: "user"))
    _ = try expression(text)
  }

  /// The only expression of a text. It is parsed without brackets: those that it closes have to be its own.
  static func expression(_ text: String) throws(PolicyFailure) -> Node {
    let statements: [Statement]
    do throws(SyntaxError) { statements = try parse("SELECT \(text)\n") } catch {
      throw PolicyFailure("the SQL does not parse: \(error.message)")
    }
    guard statements.count == 1, let select = statements.first?.node, select.kind == .selectStmt,
      select.fields.allSatisfy({ [.targetList, .limitOption, .op].contains($0.name) }),
      select.children(.targetList).count == 1, let target = select.children(.targetList).first,
      let value = target.child(.val), target.text(.name).isEmpty,
      value.kind != .columnRef || value.children(.fields).last?.kind != .aStar
    else { throw PolicyFailure("the SQL is not one expression") }
    return value
  }

  /// `:agent` and `:user` as literals; NULL where there is no user. Written with a space, or behind another colon, they
  /// are something else.
  static func bound(_ text: String, to principal: Principal) -> String {
    guard text.contains(":"), let tokens = try? tokens(of: text) else { return text }
    let bytes = Array(text.utf8)
    var edits: [Edit] = []
    for (token, next) in zip(tokens, tokens.dropFirst()) {
      guard token.range.upperBound == next.range.lowerBound, token.range.count == 1,
        bytes[token.range.lowerBound] == UInt8(ascii: ":")
      else { continue }
      let name = String(decoding: bytes[next.range], as: UTF8.self).lowercased()
      let value: String? = name == "agent" ? principal.name : principal.onBehalfOf
      guard name == "agent" || name == "user" else { continue }
      let literal = value.map { "\(quotedText($0))::pg_catalog.text" } ?? "NULL::pg_catalog.text"
      edits.append(Edit(token.range.lowerBound..<next.range.upperBound, literal))
    }
    return spliced(text, edits) ?? text
  }
}
