// Expressions: each is read exactly once, and what is left is what decides whether an index can serve it.

import Database
import SQLSyntax

extension Reading {
  func values(_ nodes: [Node], in scope: Scope) -> [BoundValue] { nodes.map { value($0, in: scope) } }

  /// Where the nesting is too deep nothing may be concluded from the expression.
  func value(_ node: Node, in scope: Scope) -> BoundValue {
    deeper { valueHere(node, in: scope) } ?? .unknown
  }

  private func valueHere(_ node: Node, in scope: Scope) -> BoundValue {
    switch node.kind {
    case .columnRef: return column(node, in: scope)
    case .paramRef: return BoundValue(form: .parameter(node.integer(.number)), readsParameter: true)
    case .aConst:
      var constant = Self.literal(node)
      constant.spelling = Self.spelling(ofConstant: node)
      return constant
    case .typeCast: return cast(node, in: scope)
    case .rowExpr: return compound(values(node.children(.args), in: scope), as: BoundValue.Form.row)
    case .aArrayExpr:
      let parts = values(node.children(.elements), in: scope)
      var whole = compound(parts, as: BoundValue.Form.list)
      whole.spelling = Spelling(.other, of: parts.map(\.spelling)) { "ARRAY[\($0.joined(separator: ", "))]" }
      return whole
    case .coalesceExpr:
      return spelled(values(node.children(.args), in: scope), .call) { "COALESCE(\($0.joined(separator: ", ")))" }
    case .minMaxExpr:
      let name = node.symbol(.op) == .IS_LEAST ? "LEAST" : "GREATEST"
      return spelled(values(node.children(.args), in: scope), .call) { "\(name)(\($0.joined(separator: ", ")))" }
    case .collateClause:
      let names = node.children(.collname).map { quotedIdentifier($0.text(.sval)) }.joined(separator: ".")
      let parts = node.child(.arg).map { [value($0, in: scope)] } ?? [.unknown]
      return spelled(parts, .other) { "\($0[0]) COLLATE \(names)" }
    case .list: return compound(values(node.children(.items), in: scope), as: BoundValue.Form.list)
    case .funcCall: return call(node, in: scope)
    case .aIndirection: return subscripted(node, in: scope)
    case .subLink: return subLink(node, in: scope)
    case .aExpr: return operation(node, in: scope)
    case .selectStmt: return subquery(node, in: scope, isJoined: false).value
    default: return .expression(over: values(node.allChildren, in: scope))
    }
  }

  /// `tags[1]`, `data['a']['b']`; a slice or the field of a row has no spelling.
  private func subscripted(_ node: Node, in scope: Scope) -> BoundValue {
    let steps = node.children(.indirection)
    let parts = ([node.child(.arg)] + steps.map { $0.child(.uidx) }).map { $0.map { value($0, in: scope) } }
    let lower = values(steps.compactMap { $0.child(.lidx) }, in: scope)
    var whole = BoundValue.expression(over: parts.compactMap { $0 } + lower)
    guard let first = parts.first ?? nil, let type = typeName(of: first),
      steps.allSatisfy({ $0.kind == .aIndices && !$0.flag(.isSlice) })
    else { return whole }
    whole.spelling = Spelling(.other, of: parts.map { $0?.spelling }) { texts in
      (first.isColumn ? texts[0] : "(\(texts[0]))") + texts.dropFirst().map { "[\($0)]" }.joined()
    }
    whole.type = type.hasSuffix("[]") ? ColumnTypes.normalized(String(type.dropLast(2))) : type
    return whole
  }

  private func spelled(
    _ parts: [BoundValue], _ form: Spelling.Form, _ text: ([String]) -> String
  ) -> BoundValue {
    var whole = BoundValue.expression(over: parts)
    whole.spelling = Spelling(form, of: parts.map(\.spelling), text)
    whole.type = parts.compactMap { $0.type ?? typeName(of: $0) }.first
    return whole
  }

  /// The stored type of a plain column, or what the text says.
  func typeName(of value: BoundValue) -> String? {
    if let type = value.type { return type }
    guard value.isColumn, let source = value.meaning.sources.first else { return nil }
    return column(source.base)?.typeName
  }

  private func compound(_ parts: [BoundValue], as form: ([BoundValue]) -> BoundValue.Form) -> BoundValue {
    var whole = BoundValue.expression(over: parts)
    whole.form = form(parts)
    return whole
  }

  private static func literal(_ node: Node) -> BoundValue {
    if node.flag(.isnull) { return .literal(.null) }
    if let text = node.child(.sval) { return .literal(.text(text.text(.sval))) }
    if let whole = node.child(.ival) { return .literal(.number(whole.integer(.ival))) }
    if let flag = node.child(.boolval) { return .literal(.flag(flag.flag(.boolval))) }
    if let fraction = node.child(.fval)?.text(.fval) {
      // Whole numbers that are too long for an integer are bigints or numerics by their size.
      return .literal(.number(nil), type: Int64(fraction) == nil ? "numeric" : nil)
    }
    return .literal(.number(nil))
  }

  /// A cast of a constant or parameter stays what it is; a cast of a column only where it changes nothing.
  private func cast(_ node: Node, in scope: Scope) -> BoundValue {
    guard let argument = node.child(.arg), let target = node.child(.typeName) else { return .unknown }
    var inner = value(argument, in: scope)
    let isArray = !target.children(.arrayBounds).isEmpty
    let type = ColumnTypes.normalized(target.children(.names).last?.text(.sval) ?? "")
    switch inner.form {
    case .parameter, .literal:
      inner.type = isArray ? nil : type
      inner.spelling = Self.spelling(ofCast: inner.spelling, to: target)
      return inner
    case .list: return inner
    case .column:
      let types = inner.meaning.sources.compactMap { column($0.base)?.typeName }
      let keeps =
        !isArray && !types.isEmpty
        && types.allSatisfy {
          ColumnTypes.isRelabelling($0, to: type, hasModifier: !target.children(.typmods).isEmpty)
        }
      if keeps { return inner }
    case .row, .expression: break
    }
    var changed = BoundValue.expression(over: [inner])
    changed.type = isArray ? "\(type)[]" : type
    changed.spelling = Self.spelling(ofCast: inner.spelling, to: target)
    return changed
  }

  private func call(_ node: Node, in scope: Scope) -> BoundValue {
    let name = Self.functionName(node)
    var arguments = node.children(.args)
    var spellings: [Spelling?] = []
    var takesParameter = false
    if Self.fieldFunctions.contains(name), arguments.count > 1 {
      let first = value(arguments.removeFirst(), in: scope)
      if case .parameter(let number) = first.form {
        describe(number, as: .field)
        takesParameter = true
      }
      spellings.append(first.spelling)
    }
    let clauses = node.children(.aggOrder) + node.children(.aggFilter) + node.children(.over)
    let parts = values(arguments, in: scope)
    var whole = BoundValue.expression(over: parts + values(clauses, in: scope))
    whole.spelling = Self.spelling(ofCall: node, spellings + parts.map(\.spelling))
    whole.type = Self.resultTypes[name]
    whole.readsParameter = whole.readsParameter || takesParameter
    if node.child(.over) != nil || SelectTraits.isAggregate(node, named: name) { whole.isAggregated = true }
    if Self.volatileFunctions.contains(name) {
      whole.isVolatile = true
      volatileCalls += 1
    }
    return whole
  }

  /// An operator that stands where no condition is looked for; parameters beside a column still take its values.
  private func operation(_ node: Node, in scope: Scope) -> BoundValue {
    let left = node.child(.lexpr).map { value($0, in: scope) } ?? .literal(.null)
    let right = node.child(.rexpr).map { value($0, in: scope) } ?? .literal(.null)
    if Self.comparisons.contains(node.children(.name).last?.text(.sval) ?? "") {
      describe(right, beside: left, as: .other)
      describe(left, beside: right, as: .other)
    }
    var whole = BoundValue.expression(over: [left, right])
    whole.spelling =
      Self.spelling(ofOperation: node, node.child(.lexpr) == nil ? nil : left.spelling, right.spelling)
    whole.type = Self.operatorTypes[node.children(.name).last?.text(.sval) ?? ""]
    return whole
  }

  // MARK: - Subqueries

  /// A subquery in an expression: its value depends on what it reads of the levels outside.
  func subquery(
    _ node: Node, in scope: Scope, isJoined: Bool, isAnti: Bool = false, needsColumns: Bool = true
  ) -> (value: BoundValue, output: QueryOutput) {
    let wall = Scope(parent: scope, with: scope.with, isJoined: isJoined, isAnti: isAnti)
    let output = query(node, inside: wall, with: scope.with, needsColumns: needsColumns)
    let meaning = Meaning(touches: wall.outerTouches, isUnknown: wall.readsUnknown)
    return (BoundValue(meaning: meaning, isLocal: wall.readsParent), output)
  }

  private func subLink(_ node: Node, in scope: Scope) -> BoundValue {
    guard let inner = node.child(.subselect) else { return .unknown }
    let exists = node.symbol(.subLinkType) == .EXISTS_SUBLINK
    let (result, output) = subquery(inner, in: scope, isJoined: false, needsColumns: !exists)
    guard let tested = node.child(.testexpr) else { return result }
    let left = value(tested, in: scope)
    // `x NOT IN (SELECT y …)`: no join, but a parameter still takes the column's values.
    if let column = output.columns.first {
      describe(left, beside: BoundValue(form: .column, meaning: column.meaning, isLocal: true), as: .other)
    }
    return .expression(over: [result, left])
  }

  // https://www.postgresql.org/docs/current/functions-datetime.html#FUNCTIONS-DATETIME-EXTRACT
  private static let fieldFunctions: Set<String> = ["extract", "date_part", "date_trunc"]
  private static let comparisons: Set<String> = [
    "=", "<>", "<", "<=", ">", ">=", "~~", "!~~", "~~*", "!~~*", "~", "~*", "!~", "!~*", "@>", "<@", "&&",
  ]
  /// Of the functions and operators whose results an index method other than btree may hold.
  private static let resultTypes: [String: String] = [
    "to_tsvector": "tsvector", "setweight": "tsvector", "to_tsquery": "tsquery", "plainto_tsquery": "tsquery",
    "phraseto_tsquery": "tsquery", "websearch_to_tsquery": "tsquery", "int4range": "int4range",
    "int8range": "int8range", "numrange": "numrange", "tsrange": "tsrange", "tstzrange": "tstzrange",
    "daterange": "daterange", "string_to_array": "text[]", "regexp_split_to_array": "text[]",
    "jsonb_extract_path": "jsonb", "jsonb_extract_path_text": "text", "lower": "text", "upper": "text",
    "btrim": "text", "concat_ws": "text", "replace": "text", "point": "point", "box": "box", "circle": "circle",
    "to_jsonb": "jsonb",
  ]
  private static let operatorTypes: [String: String] = ["->": "jsonb", "#>": "jsonb", "->>": "text", "#>>": "text"]
  private static let volatileFunctions: Set<String> = [
    "random", "random_normal", "nextval", "setval", "clock_timestamp", "timeofday", "gen_random_uuid",
    "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7",
  ]
}
