// An expression written out again with nothing but columns of one table: what the key of an index can be.

import Database
import SQLSyntax

/// The text of an expression over at most one table instance, without parameters and subqueries.
struct Spelling: Hashable, Sendable {
  enum Form: Sendable { case column, constant, call, other }

  var text: String
  var form: Form
  /// nil for constants.
  var use: Int?
  /// In the order met.
  var columns: [String] = []

  /// Longer ones are no keys that anybody wants.
  private static let longest = 400

  static func constant(_ text: String) -> Spelling { Spelling(text: text, form: .constant) }

  /// The parts put together; nil where a part has no spelling, where two table instances meet, or where it gets long.
  init?(_ form: Form, of parts: [Spelling?], _ text: ([String]) -> String) {
    var known: [Spelling] = []
    for part in parts {
      guard let part else { return nil }
      known.append(part)
    }
    let uses = Set(known.compactMap(\.use))
    guard uses.count <= 1, known.reduce(0, { $0 + $1.text.utf8.count }) <= Self.longest else { return nil }
    self.text = text(known.map(\.text))
    self.use = uses.first
    self.columns = Reading.unique(known.flatMap(\.columns))
    // A call without columns may give another value tomorrow.
    self.form = uses.isEmpty && known.allSatisfy { $0.form == .constant } && form != .call ? .constant : form
  }

  init(text: String, form: Form, use: Int? = nil, columns: [String] = []) {
    self.text = text
    self.form = form
    self.use = use
    self.columns = columns
  }

  /// As the key of an index; nil for constants.
  var key: IndexDefinition.Key? {
    guard let first = columns.first else { return nil }
    switch form {
    case .column: return IndexDefinition.Key(first)
    case .constant: return nil
    case .call: return key(text, first)
    case .other: return key("(\(text))", first)
    }
  }

  private func key(_ expression: String, _ first: String) -> IndexDefinition.Key {
    IndexDefinition.Key(first, expression: expression, furtherColumns: Array(columns.dropFirst()))
  }

  /// A text constant in quotes. Backslashes need no escape: `standard_conforming_strings` has been on since 9.1.
  static func quoted(_ text: String) -> String {
    "'" + doubling("'", in: text) + "'"
  }
}

extension Reading {
  static func spelling(ofConstant node: Node) -> Spelling? {
    if node.flag(.isnull) { return .constant("NULL") }
    if let text = node.child(.sval) { return .constant(Spelling.quoted(text.text(.sval))) }
    if let whole = node.child(.ival) { return .constant("\(whole.integer(.ival))") }
    if let flag = node.child(.boolval) { return .constant(flag.flag(.boolval) ? "true" : "false") }
    if let fraction = node.child(.fval) { return .constant(fraction.text(.fval)) }
    return nil
  }

  /// A type's name as CREATE INDEX reads it; nil for what has fields or precisions beyond plain numbers.
  static func spelling(ofType node: Node) -> String? {
    let names = node.children(.names).map { $0.text(.sval) }
    guard let last = names.last, !node.flag(.setof), !node.flag(.pctType) else { return nil }
    var text = names.count == 2 && names[0] != "pg_catalog" ? "\(quotedIdentifier(names[0]))." : ""
    let isSystem = names.count == 1 || names[0] == "pg_catalog"
    // `"char"` in quotes is another type than char.
    if last == "char" && names.count == 1 {
      text += "\"char\""
    } else if isSystem && last == "interval" {
      text += last
    } else {
      text += isSystem && ColumnTypes.isBuiltIn(last) ? ColumnTypes.normalized(last) : quotedIdentifier(last)
    }
    let modifiers = node.children(.typmods)
    if !modifiers.isEmpty {
      guard last != "interval", !text.contains(" ") || last == "varchar" else { return nil }
      let numbers = modifiers.compactMap { $0.child(.ival).map { "\($0.integer(.ival))" } }
      guard numbers.count == modifiers.count else { return nil }
      text += "(\(numbers.joined(separator: ", ")))"
    }
    return text + node.children(.arrayBounds).map { _ in "[]" }.joined()
  }

  /// A call of a plain function; aggregates, windows and named arguments have none.
  static func spelling(ofCall node: Node, _ arguments: [Spelling?]) -> Spelling? {
    guard node.child(.over) == nil, node.child(.aggFilter) == nil, node.children(.aggOrder).isEmpty,
      !node.flag(.aggStar), !node.flag(.aggDistinct), !node.flag(.funcVariadic), !arguments.isEmpty
    else { return nil }
    let names = node.children(.funcname).map { $0.text(.sval) }
    guard let name = names.last, !SelectTraits.isAggregate(node, named: name) else { return nil }
    if name == "extract", arguments.count == 2, let field = arguments[0], field.form == .constant {
      let word = String(field.text.drop { $0 == "'" }.prefix { $0 != "'" })
      return Spelling(.other, of: [arguments[1]]) { "EXTRACT(\(word) FROM \($0[0]))" }
    }
    var called = names.map(quotedIdentifier)
    // The grammar has words of its own for these; all other functions of the system need no schema.
    if names.count == 2, names[0] == "pg_catalog", !["position", "overlay", "xmlexists"].contains(name) {
      called = [called[1]]
    }
    return Spelling(.call, of: arguments) { "\(called.joined(separator: "."))(\($0.joined(separator: ", ")))" }
  }

  /// An operator between two parts, or in front of one.
  static func spelling(ofOperation node: Node, _ left: Spelling?, _ right: Spelling?) -> Spelling? {
    let names = node.children(.name).map { $0.text(.sval) }
    guard names.count == 1, let name = names.first else { return nil }
    switch node.symbol(.kind) {
    case .AEXPR_OP where node.child(.lexpr) == nil:
      return Spelling(.other, of: [right]) { "\(name) \(bracketed($0[0]))" }
    case .AEXPR_OP:
      return Spelling(.other, of: [left, right]) { "\(bracketed($0[0])) \(name) \(bracketed($0[1]))" }
    case .AEXPR_NULLIF: return Spelling(.call, of: [left, right]) { "NULLIF(\($0[0]), \($0[1]))" }
    default: return nil
    }
  }

  static func spelling(ofCast inner: Spelling?, to type: Node) -> Spelling? {
    guard let name = spelling(ofType: type) else { return nil }
    return Spelling(.other, of: [inner]) { "\(bracketed($0[0]))::\(name)" }
  }

  /// In brackets unless it is a word, a constant or a call already.
  private static func bracketed(_ text: String) -> String {
    let isQuoted = ["'", "\""].contains { mark in
      text.first == mark && text.last == mark && text.count(where: { $0 == mark }) == 2
    }
    let isPlain = isQuoted || !text.contains { " :+-*/|<>=~".contains($0) }
    return isPlain ? text : "(\(text))"
  }
}
