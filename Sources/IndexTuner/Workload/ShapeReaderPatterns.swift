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
    // `LIKE pattern ESCAPE character` is parsed as a call as well.
    var escape: Character? = "\\"
    if let call = expression, call.kind == .funcCall, call.children(.funcname).last?.text(.sval) == "like_escape",
      let pattern = call.children(.args).first, let sign = call.children(.args).last?.child(.sval)?.text(.sval)
    {
      expression = pattern
      escape = sign.first
    }
    let right = expression.map { value($0, in: context.scope) } ?? .unknown
    describe(right, beside: left, as: .pattern)
    if right.readsParameter, right.parameterNumber == nil, let expression { describePieces(of: expression, left) }
    markStrict([left], in: context)
    guard !isNegated, name.first != "!" else {
      obstruct(left.meaning.touches, Self.differs(left, "NOT LIKE …"))
      return []
    }
    let prefix = name == "~~" || name == "~" ? Self.beginning(of: right, expression, name, isSimilar, escape) : nil
    guard let prefix else { return trigrams(left, right, name, in: context) }
    if prefix.isWhole { return restrict(left, to: right, in: context, as: .equal(isConstant: false)) }
    return beginning(left, right, in: context)
  }

  /// `col ^@ 'abc'` and `starts_with(col, 'abc')`, which a btree serves from PostgreSQL 15 on.
  func startsWith(_ left: BoundValue, _ right: BoundValue, in context: ConditionContext) -> [Atom] {
    describe(right, beside: left, as: .other)
    markStrict([left, right], in: context)
    return beginning(left, right, in: context)
  }

  /// The left side begins with something fixed.
  private func beginning(_ left: BoundValue, _ right: BoundValue, in context: ConditionContext) -> [Atom] {
    guard left.isColumn, left.meaning.spelling == nil else {
      guard typeName(of: left).map({ ColumnTypes.textLike.contains(ColumnTypes.normalized($0)) }) != false else {
        return []
      }
      return self.expression(left, to: right, in: context, as: .prefix)
    }
    let stored = left.meaning.sources.compactMap { column($0.base) }
    guard stored.allSatisfy({ ColumnTypes.textLike.contains(ColumnTypes.normalized($0.typeName)) }) else {
      let own = stored.first.map { ColumnTypes.bare($0.typeName) } ?? ""
      obstruct(
        left.meaning.touches,
        own == "citext"
          ? "a pattern on citext is served by no index; lower(column::text) LIKE 'abc%' is, by one on that expression"
          : "a pattern on a column that is no text: the cast hides it from every index")
      return []
    }
    if stored.allSatisfy(\.sortsByByte) { return restrict(left, to: right, in: context, as: .bound) }
    return left.meaning.sources.flatMap { source -> [Atom] in
      guard let use = source.base.use, source.reach >= .restriction, !right.meaning.touches.contains(use) else {
        return []
      }
      let spot = Spot(use: use, column: source.base.column)
      return counted(.prefix(spot), spot, isFilter: !right.isLocal, in: context)
    }
  }

  /// `col LIKE ANY (array)`: the server looks into no pattern of a list, so its beginning is no range.
  func anyPattern(_ node: Node, _ name: String, in context: ConditionContext) -> [Atom] {
    let (left, right) = operands(of: node, in: context)
    describe(right, beside: left, as: right.elements == nil ? .anyArray : .pattern)
    markStrict([left], in: context)
    obstruct(
      left.meaning.touches,
      "a list of patterns is served by trigrams alone; written as LIKE … OR LIKE … each beginning can be looked up")
    return trigrams(left, right, name, in: context)
  }

  /// `$1 || '%'`: the parameter is a piece of a value.
  private func describePieces(of pattern: Node, _ column: BoundValue) {
    guard column.isColumn, let base = column.meaning.sources.first?.base else { return }
    forEachNode(under: pattern) { node in
      if node.kind == .paramRef { describe(node.integer(.number), as: .other, of: base) }
      return node.kind != .subLink
    }
  }

  /// What a pattern that is put together begins with.
  private static func leading(_ pattern: Node) -> Node {
    var node = pattern
    while node.kind == .aExpr, node.children(.name).last?.text(.sval) == "||", let left = node.child(.lexpr) {
      node = left
    }
    return node.kind == .typeCast ? node.child(.arg) ?? node : node
  }

  private static func beginning(
    of pattern: BoundValue, _ node: Node?, _ name: String, _ isSimilar: Bool, _ escape: Character?
  ) -> Prefix? {
    switch pattern.form {
    case .expression:
      guard let node, node.kind == .aExpr, name == "~~" else { return nil }
      let first = leading(node)
      if first.kind == .paramRef { return Prefix(text: nil, isWhole: false) }
      guard let text = first.child(.sval)?.text(.sval), let prefix = Prefix(like: text, specials: "%_") else {
        return nil
      }
      return Prefix(text: prefix.text, isWhole: false)
    case .parameter: return Prefix(text: nil, isWhole: false)
    case .literal(.text(let text)):
      if isSimilar { return Prefix(like: text, specials: "%_|*+?{}()[]") }
      return name == "~~" ? Prefix(like: text, specials: "%_", escape: escape) : Prefix(regularExpression: text)
    default: return nil
    }
  }

  /// A pattern that is not tied to the beginning, or that ignores case: trigrams find it, where it has any.
  private func trigrams(
    _ left: BoundValue, _ right: BoundValue, _ name: String, in context: ConditionContext
  ) -> [Atom] {
    guard let use = left.spelling?.use, let key = left.spelling?.key, !right.meaning.touches.contains(use),
      context.drops(use)
    else {
      obstruct(
        left.meaning.touches, "a pattern on an expression of a parameter or of several tables: no index holds it")
      return []
    }
    if case .literal(.text(let text)) = right.form, !Self.hasTrigram(text) {
      obstruct(
        [use], "\(key.target) is matched with a pattern of fewer than three letters in a row: not even trigrams find it"
      )
      return []
    }
    let type = ColumnTypes.normalized(typeName(of: left) ?? "text")
    guard ColumnTypes.textLike.contains(type) else {
      obstruct([use], "\(key.target) is matched with a pattern, and is no text: no index is proposed for it")
      return []
    }
    return [.lookup(use: use, .init(key: key, kind: .trigram, operatorName: name, typeName: type))]
  }

  private static func hasTrigram(_ pattern: String) -> Bool {
    var run = 0
    for character in pattern {
      run = character.isLetter || character.isNumber ? run + 1 : 0
      if run == 3 { return true }
    }
    return false
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
  init?(like pattern: String, specials: String, escape: Character? = "\\") {
    var text = ""
    var isEscaped = false
    for character in pattern {
      if isEscaped {
        text.append(character)
        isEscaped = false
      } else if character == escape {
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
