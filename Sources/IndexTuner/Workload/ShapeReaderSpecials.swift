// Conditions that no plain btree on a column serves: expressions, operators of other index methods, constants that a
// partial index may have, and in words what nothing serves.

import Database
import SQLSyntax

extension Reading {
  // MARK: - Expressions

  /// An expression over one table instance, compared with something that is known before the table is entered.
  func expression(
    _ value: BoundValue, to other: BoundValue, in context: ConditionContext, as role: TableUse.Expression.Role
  ) -> [Atom] {
    guard !value.meaning.isUnknown, !other.isVolatile, !value.meaning.touches.isEmpty, !value.isAggregated,
      !other.isAggregated
    else { return [] }
    guard !value.isVolatile else {
      obstruct(value.meaning.touches, "a volatile function gives another value for every row: no index can hold it")
      return []
    }
    guard let spelling = value.spelling, let use = spelling.use, let key = spelling.key, key.expression != nil else {
      if value.readsParameter {
        obstruct(value.meaning.touches, Self.parameterised)
      } else if value.isLocal {
        obstruct(
          value.meaning.touches,
          "compares an expression that depends on a subquery or on another table, or of a form that is not looked into: "
            + "no index is proposed for it")
      }
      return []
    }
    guard !other.meaning.touches.contains(use) else {
      obstruct([use], "\(spelling.text) is compared with a column of the same row: every row has to be looked at")
      return []
    }
    guard value.isLocal || other.isLocal || !value.isShielded, context.drops(use) else { return [] }
    return [.expression(use: use, TableUse.Expression(key: key, role: role))]
  }

  /// pg_stat_statements writes `data ->> 'k' = 'v'` as `data ->> $1 = $2`.
  private static let parameterised =
    "an expression with a parameter in it, where an index needs the constant: give the statement with its constants "
    + "(--query or --file)"

  // MARK: - Constants

  /// A condition with a constant alone, on a plain column, that every row of the result fulfils.
  func constant(
    _ value: BoundValue, _ form: TableUse.Constant.Form, in context: ConditionContext, _ text: (String) -> String
  ) -> [Atom] {
    guard context.isConjunct, let spelling = value.spelling, spelling.form == .column, let use = spelling.use,
      let column = spelling.columns.first, context.drops(use), value.isLocal || !value.isShielded
    else { return [] }
    return [.constant(use: use, TableUse.Constant(column: column, text: text(spelling.text), form: form))]
  }

  /// `col = 'x'`, from either side, or `col <> 'x'`.
  func equalConstant(
    _ left: BoundValue, _ right: BoundValue, isNegated: Bool = false, in context: ConditionContext
  ) -> [Atom] {
    for (column, value) in [(left, right), (right, left)] {
      guard let text = value.spelling, text.form == .constant, !value.isNullLiteral else { continue }
      return constant(column, isNegated ? .differing : .value, in: context) {
        "\($0) \(isNegated ? "<>" : "=") \(text.text)"
      }
    }
    return []
  }

  /// `col NOT IN ('x', 'y')`.
  func differingConstants(_ column: BoundValue, _ values: [BoundValue], in context: ConditionContext) -> [Atom] {
    let texts = values.compactMap { $0.isNullLiteral || $0.spelling?.form != .constant ? nil : $0.spelling?.text }
    guard !texts.isEmpty, texts.count == values.count else { return [] }
    return constant(column, .differing, in: context) { "\($0) NOT IN (\(texts.joined(separator: ", ")))" }
  }

  // MARK: - Operators of other methods

  /// An operator that is no comparison: what an index of another method could serve of it.
  func lookup(_ node: Node, _ name: String, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    let mark = touchLog.count
    let (left, right) = operands(of: node, in: context)
    if name == "^@", !isNegated { return startsWith(left, right, in: context) }
    describe(right, beside: left, as: .other)
    describe(left, beside: right, as: .other)
    markStrict([left, right], in: context)
    for (value, other, operatorName) in [(left, right, name), (right, left, Self.commuted[name])] {
      guard let operatorName, let use = value.spelling?.use, let key = value.spelling?.key,
        let type = typeName(of: value).map(ColumnTypes.bare),
        let kind = Self.kind(of: operatorName, on: type)
      else { continue }
      guard !isNegated else { break }
      guard !other.meaning.touches.contains(use), !other.isVolatile, context.drops(use) else { continue }
      let found = TableUse.Lookup(key: key, kind: kind, operatorName: operatorName, typeName: type)
      return [.lookup(use: use, found)]
    }
    if !isNegated, left.spelling == nil || right.spelling == nil, left.readsParameter && !left.meaning.touches.isEmpty {
      obstruct(touched(since: mark), Self.parameterised)
      return []
    }
    let what = left.spelling?.text ?? right.spelling?.text ?? "an expression"
    obstruct(
      touched(since: mark),
      isNegated
        ? "NOT (\(what) \(name) …): an index finds what fulfils a condition, not what does not"
        : "\(what) \(name) …: no index method of the server is known to serve this operator on this type")
    return []
  }

  /// A condition that is a bare function call or something else that yields true or false.
  func otherCondition(_ node: Node, in context: ConditionContext, isNegated: Bool) -> [Atom] {
    let mark = touchLog.count
    if node.kind == .funcCall, Self.functionName(node) == "starts_with", node.children(.args).count == 2, !isNegated {
      let sides = values(node.children(.args), in: context.scope)
      return startsWith(sides[0], sides[1], in: context)
    }
    let whole = value(node, in: context.scope)
    guard !whole.meaning.touches.isEmpty || touchLog.count > mark else { return [] }
    if node.kind == .funcCall {
      let name = Self.functionName(node)
      for argument in node.children(.args) where Self.spatial.contains(name) && !isNegated {
        let spatial = value(argument, in: context.scope)
        guard let use = spatial.spelling?.use, let key = spatial.spelling?.key, context.drops(use),
          let type = typeName(of: spatial), type.hasPrefix("geometry") || type.hasPrefix("geography")
        else { continue }
        return [.lookup(use: use, .init(key: key, kind: .geometry, operatorName: name, typeName: type))]
      }
      let hint = Self.rewritings[name].map { "; \($0)" } ?? ""
      obstruct(
        touched(since: mark), "\(name)(…) is called for every row: indexes serve operators, not functions\(hint)")
    } else {
      let what = whole.spelling.map { "\($0.text) is no comparison: it is" } ?? "a condition that is no comparison is"
      obstruct(touched(since: mark), "\(what) evaluated for every row")
    }
    return []
  }

  /// The table instances whose columns were named since a place of the log.
  func touched(since mark: Int) -> Set<Int> { Set(touchLog[mark...]) }

  // https://www.postgresql.org/docs/current/indexes-opclass.html, functions-json.html, functions-array.html, …
  private static func kind(of operatorName: String, on type: String) -> TableUse.Lookup.Kind? {
    let isArray = type.hasSuffix("[]")
    let isRange = ranges.contains(type)
    switch operatorName {
    case "@>" where type == "jsonb" || type == "hstore": return .containment
    case "@>", "<@", "&&":
      if isArray { return .array }
      if isRange { return .range }
      return geometries.contains(type) && !(operatorName == "@>" && type == "point") ? .geometry : nil
    case "?", "?|", "?&": return type == "jsonb" || type == "hstore" ? .existence : nil
    case "@?": return type == "jsonb" ? .path : nil
    case "@@":
      if type == "jsonb" { return .path }
      return type == "tsvector" ? .fullText : nil
    case "%", "<%", "%>", "<<%", "%>>": return ColumnTypes.textLike.contains(type) ? .trigram : nil
    case "<<", ">>", "&<", "&>", "-|-":
      if isRange { return .range }
      if type == "inet" || type == "cidr" { return .network }
      return geometries.contains(type) ? .geometry : nil
    case "<<=", ">>=": return type == "inet" || type == "cidr" ? .network : nil
    case "~=", "<<|", "|>>", "|&>", "&<|": return geometries.contains(type) ? .geometry : nil
    default: return nil
    }
  }

  private static let ranges: Set<String> = [
    "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange", "int8multirange",
    "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange",
  ]
  private static let geometries: Set<String> = ["point", "box", "polygon", "circle", "geometry", "geography", "ltree"]
  /// `a op b` is `b op' a`.
  private static let commuted: [String: String] = [
    "@>": "<@", "<@": "@>", "&&": "&&", "@@": "@@", "<<": ">>", ">>": "<<", "-|-": "-|-", "<<=": ">>=", ">>=": "<<=",
    "%": "%", "<%": "%>", "%>": "<%", "<<%": "%>>", "%>>": "<<%", "~=": "~=",
  ]
  private static let spatial: Set<String> = [
    "st_dwithin", "st_intersects", "st_contains", "st_within", "st_covers", "st_coveredby", "st_overlaps", "st_crosses",
    "st_touches", "st_equals", "st_dfullywithin",
  ]
  private static let rewritings: [String: String] = [
    "jsonb_path_exists": "written with the operator @? it can be served",
    "jsonb_path_match": "written with the operator @@ it can be served",
    "jsonb_exists": "written with the operator ? it can be served",
    "regexp_like": "written with the operator ~ it can be served by trigrams",
    "regexp_match": "written with the operator ~ it can be served by trigrams",
    "ts_match_vq": "written with the operator @@ it can be served",
    "arraycontains": "written with the operator @> it can be served",
    "arrayoverlap": "written with the operator && it can be served",
  ]
}
