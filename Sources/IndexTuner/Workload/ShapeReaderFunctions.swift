// Functions in FROM: their columns are of no table, but may hand parameters through.

import Database
import SQLSyntax

extension Reading {
  /// `FROM f(…) [WITH ORDINALITY] [AS x (a, b)]`, `ROWS FROM (…)`; the arguments may name what stands to the left.
  func function(_ node: Node, in scope: Scope) -> ScopeItem {
    let left = scope.lateralView()
    var columns: [NamedColumn] = []
    var isOpen = false
    let calls = node.children(.functions).compactMap { pair -> Node? in
      pair.kind == .list ? pair.children(.items).first : pair
    }
    let alias = Self.alias(of: node)
    for call in calls {
      let arguments = values(call.children(.args), in: left)
      if let cure = Self.elements[Self.functionName(call)], let taken = arguments.first, let text = taken.spelling?.text
      {
        obstruct(
          taken.meaning.touches,
          "\(Self.functionName(call))(\(text)) takes every row's value apart: an index finds rows by what it holds only as "
            + "\(text) \(cure)")
      }
      let result = Self.result(
        of: call, arguments, alias: calls.count == 1 ? alias?.name : nil,
        isNamed: !(alias?.columns.isEmpty ?? true))
      columns += result.columns
      isOpen = isOpen || result.isOpen
      if call.kind != .funcCall { _ = value(call, in: left) }
    }
    let defined = node.children(.coldeflist).map { NamedColumn(name: $0.text(.colname), meaning: Meaning()) }
    if !defined.isEmpty {
      columns = defined
      isOpen = false
    }
    if node.flag(.ordinality) { columns.append(NamedColumn(name: "ordinality", meaning: Meaning())) }
    let name = alias?.name ?? calls.first.map(Self.functionName)
    let item = ScopeItem(name: name, columns: columns, isOpen: isOpen)
    guard let alias else { return item }
    return item.renamed(to: alias.name, columns: alias.columns)
  }

  /// XMLTABLE, JSON_TABLE and whatever else is no table.
  func tableFunction(_ node: Node, in scope: Scope) -> ScopeItem {
    let left = scope.lateralView()
    let touches = BoundValue.expression(over: values(node.allChildren, in: left)).meaning.touches
    let columns = node.children(.columns).map {
      NamedColumn(name: $0.text(.colname), meaning: Meaning(touches: touches))
    }
    return Self.alias(of: node).map {
      ScopeItem(name: nil, columns: columns, isOpen: columns.isEmpty).renamed(to: $0.name, columns: $0.columns)
    } ?? ScopeItem(name: nil, columns: columns, isOpen: true)
  }

  static func functionName(_ call: Node) -> String { call.children(.funcname).last?.text(.sval) ?? "" }

  private static func result(
    of call: Node, _ arguments: [BoundValue], alias: String?, isNamed: Bool
  ) -> (columns: [NamedColumn], isOpen: Bool) {
    let name = functionName(call)
    let meaning = Meaning(touches: BoundValue.expression(over: arguments).meaning.touches)
    func column(_ name: String) -> NamedColumn { NamedColumn(name: name, meaning: meaning) }
    if name == "unnest" {
      let columns = arguments.map { argument in
        var handed = column(alias ?? name)
        if case .parameter(let number) = argument.form {
          handed.meaning.parameters = [HandedParameter(number: number, isArray: true)]
        }
        return handed
      }
      // An array of rows gives one column for each of its fields.
      let isScalar = isNamed || arguments.allSatisfy { !$0.isColumn }
      return (columns, !isScalar)
    }
    if let known = namedResults[name] { return (known.map(column), false) }
    if scalarResults.contains(name) { return ([column(alias ?? name)], false) }
    return ([column(alias ?? name)], true)
  }

  /// Conditions on the elements that a GIN index on the whole serves.
  private static let elements: [String: String] = [
    "unnest": "@> ARRAY[…]", "jsonb_array_elements": "@> '[…]'", "jsonb_array_elements_text": "@> '[\"…\"]'",
    "jsonb_each": "@> '{…: …}'", "jsonb_each_text": "@> '{…: …}'", "jsonb_object_keys": "? '…'",
  ]

  // https://www.postgresql.org/docs/current/functions-srf.html and functions-json.html
  private static let scalarResults: Set<String> = [
    "generate_series", "generate_subscripts", "regexp_matches", "regexp_split_to_table", "string_to_table",
    "json_object_keys", "jsonb_object_keys", "jsonb_path_query", "jsonb_path_query_tz",
  ]
  private static let namedResults: [String: [String]] = [
    "json_array_elements": ["value"], "jsonb_array_elements": ["value"],
    "json_array_elements_text": ["value"], "jsonb_array_elements_text": ["value"],
    "json_each": ["key", "value"], "jsonb_each": ["key", "value"],
    "json_each_text": ["key", "value"], "jsonb_each_text": ["key", "value"],
  ]
}
