// LIKE, SIMILAR TO and regular expressions: a fixed beginning is a range of the column.

import Database
import SQLSyntax

extension Reading {
  /// `name` is the operator: `~~` for LIKE, `~~*` for ILIKE, `~` for SIMILAR TO and regular expressions.
  func pattern(_ node: Node, _ name: String, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    let left = node.child(.lexpr).map { value($0, in: context.scope) } ?? .unknown
    var expression = node.child(.rexpr)
    let isSimilar = node.symbol(.kind) == .AEXPR_SIMILAR
    // SIMILAR TO without ESCAPE is parsed as a call with the pattern as its only argument.
    if isSimilar, let call = expression, call.kind == .funcCall, call.children(.args).count == 1 {
      expression = call.children(.args).first
    }
    let right = expression.map { value($0, in: context.scope) } ?? .unknown
    describe(right, beside: left, as: .pattern)
    markStrict([left], in: context)
    guard !isNegated, name == "~~" || name == "~", left.isColumn else { return [] }
    let prefix: Prefix?
    switch right.form {
    case .parameter: prefix = Prefix(text: nil, isWhole: false)
    case .literal(.text(let text)):
      if isSimilar {
        prefix = Prefix(like: text, specials: "%_|*+?{}()[]")
      } else {
        prefix = name == "~~" ? Prefix(like: text, specials: "%_") : Prefix(regularExpression: text)
      }
    default: prefix = nil
    }
    guard let prefix else { return [] }
    if prefix.isWhole { return restrict(left, to: right, in: context, as: .equal(isConstant: false)) }
    let stored = left.meaning.sources.compactMap { column($0.base) }
    guard stored.allSatisfy({ ColumnTypes.textLike.contains(ColumnTypes.normalized($0.typeName)) }) else { return [] }
    guard stored.allSatisfy(\.sortsByByte) else {
      if prefix.text != nil, let name = stored.first?.name {
        note("LIKE with a prefix on \(quotedIdentifier(name)) needs text_pattern_ops, which is not proposed")
      }
      return []
    }
    return restrict(left, to: right, in: context, as: .bound)
  }
}

/// The fixed beginning of a pattern.
struct Prefix: Equatable {
  /// nil: there may be one, known only with the parameter's value.
  var text: String?
  /// The pattern is nothing but the text.
  var isWhole: Bool

  init(text: String?, isWhole: Bool) {
    self.text = text
    self.isWhole = isWhole
  }

  /// A LIKE or SIMILAR TO pattern up to its first special character; nil when it begins with one.
  init?(like pattern: String, specials: String) {
    var text = ""
    var isEscaped = false
    for character in pattern {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if specials.contains(character) {
        if Self.repeats.contains(character) { text = String(text.dropLast()) }
        // Alternatives make the whole beginning uncertain.
        if text.isEmpty || (pattern.contains("|") && specials.contains("|")) { return nil }
        self.init(text: text, isWhole: false)
        return
      } else {
        text.append(character)
      }
    }
    self.init(text: text, isWhole: true)
  }

  /// `^abc…`; nil when it is not tied to the beginning.
  init?(regularExpression pattern: String) {
    guard pattern.first == "^", !pattern.contains("|") else { return nil }
    var text = ""
    for character in pattern.dropFirst() {
      if character == "$" && text.count == pattern.count - 2 {
        self.init(text: text, isWhole: true)
        return
      }
      if "\\.*+?{}()[]^$".contains(character) {
        if Self.repeats.contains(character) { text = String(text.dropLast()) }
        break
      }
      text.append(character)
    }
    guard !text.isEmpty else { return nil }
    self.init(text: text, isWhole: false)
  }

  private static let repeats: Set<Character> = ["*", "?", "{"]
}
