// Definitions of a script: types, functions, operators and casts.

import Database
import SQLSyntax

/// An operator as a script defines it, with the names of what stands behind it.
struct ScriptedOperator: Sendable {
  var entry: OperatorEntry
  var function: [String]
  /// Its commutator and negator.
  var partners: Set<String>
}

extension ScriptReader {
  // MARK: - Types

  mutating func type(
    _ names: [Node], _ kind: TypeEntry.Kind, madeOf: [UInt32] = [], expressions: [String] = []
  ) {
    let parts = names.map { $0.text(.sval) }
    types.append(
      TypeEntry(
        id: newID(), schema: schema(parts.count > 1 ? parts[parts.count - 2] : ""), name: parts.last ?? "",
        origin: .user, kind: kind, madeOf: madeOf, expressions: expressions))
  }

  mutating func domain(_ node: Node) {
    let constraints = node.children(.constraints)
    func expressions(_ isWanted: (Node) -> Bool) -> [String] {
      constraints.filter(isWanted).compactMap { $0.child(.rawExpr).map(imitation) }
    }
    let base = [typeID(node.child(.typeName))].filter { !$0.isBuiltIn }
    type(
      node.children(.domainname), .domain, madeOf: base,
      expressions: expressions { $0.symbol(.contype) != .CONSTR_DEFAULT })
    types[types.count - 1].defaultExpression = expressions { $0.symbol(.contype) == .CONSTR_DEFAULT }.last
  }

  /// A range type and the functions that make its values.
  mutating func range(_ node: Node) {
    type(node.children(.typeName), .range)
    guard let made = types.last else { return }
    for count in 2...3 {
      functions.append(
        FunctionEntry(
          id: newID(), schema: made.schema, name: made.name, origin: .user, volatility: .immutable,
          language: "internal", argumentTypes: Array(repeating: 25, count: count), returnType: made.id,
          body: "range_constructor\(count)", signature: "\(made.schema).\(made.name)(\(count) bounds)"))
    }
  }

  /// Sorting and comparing call what a default class names.
  mutating func operatorClass(_ node: Node) {
    operatorClasses.insert(node.children(.opclassname).last?.text(.sval) ?? "")
    let members = node.children(.items).map { $0.child(.name)?.children(.objname).map { $0.text(.sval) } ?? [] }
    let known = operators
    let isOperator = { (name: [String]) in known.contains { $0.entry.name == name.last } }
    classes.append((Set(members.filter(isOperator).compactMap(\.last)), members.filter { !isOperator($0) }))
    guard node.flag(.isDefault) else { return }
    let used = members.map { name in
      operators.last { $0.entry.name == name.last }.map { functionID($0.function) } ?? functionID(name)
    }.filter { !$0.isBuiltIn }
    let id = typeID(node.child(.datatype))
    if let place = types.firstIndex(where: { $0.id == id }) {
      types[place].functions += used
    } else {
      defaultClasses.append(OperatorClassEntry(type: id, arrayType: id, functions: used))
    }
  }

  func madeOf(_ columns: [Node], _ field: Field = .typeName) -> [UInt32] {
    columns.map { typeID($0.child(field)) }.filter { !$0.isBuiltIn }
  }

  /// The OID of a type as far as it is known; `text` stands for what is not.
  func typeID(_ node: Node?) -> UInt32 {
    guard let name = node?.children(.names).last?.text(.sval) else { return 25 }
    if let known = types.last(where: { $0.name == name }) { return known.id }
    return BuiltInTables.typeTable[name].first.flatMap { UInt32($0[0]) } ?? 25
  }

  // MARK: - Functions

  mutating func function(_ node: Node, _ text: String) {
    let names = node.children(.funcname).map { $0.text(.sval) }
    let inputs = node.children(.parameters).filter {
      $0.symbol(.mode) != .FUNC_PARAM_OUT && $0.symbol(.mode) != .FUNC_PARAM_TABLE
    }
    var entry = FunctionEntry(
      id: newID(), schema: schema(names.count > 1 ? names[names.count - 2] : ""), name: names.last ?? "", origin: .user,
      kind: node.flag(.isProcedure) ? .procedure : .function, volatility: .volatile, language: "sql",
      argumentTypes: inputs.map { typeID($0.child(.argType)) }, argumentNames: inputs.map { $0.text(.name) },
      defaultCount: inputs.count { $0.child(.defexpr) != nil }, returnType: typeID(node.child(.returnType)),
      signature: "")
    entry.allTypes = madeOf(node.children(.parameters), .argType)
    if inputs.last?.symbol(.mode) == .FUNC_PARAM_VARIADIC { entry.variadicType = 25 }
    let defaults = inputs.compactMap { $0.child(.defexpr).map(imitation) }
    entry.defaults = defaults.isEmpty ? nil : defaults.joined(separator: ", ")
    let types = inputs.map { $0.child(.argType)?.children(.names).last?.text(.sval) ?? "" }
    entry.signature = "\(entry.schema).\(entry.name)(\(types.joined(separator: ", ")))"
    for option in node.children(.options) { apply(option, to: &entry) }
    if let body = node.child(.sqlBody) {
      entry.body = "RETURN \(imitation(body))"
      entry.isStandardBody = true
    }
    functions.removeAll {
      $0.schema == entry.schema && $0.name == entry.name && $0.argumentTypes == entry.argumentTypes
    }
    functions.append(entry)
  }

  private func apply(_ option: Node, to entry: inout FunctionEntry) {
    let argument = option.child(.arg)
    switch option.text(.defname) {
    case "language": entry.language = argument?.text(.sval).lowercased() ?? ""
    case "as": entry.body = option.children(.arg).first?.text(.sval)
    case "security": entry.isSecurityDefiner = argument?.flag(.boolval) ?? true
    case "set":
      let values = argument?.children(.args).map { $0.child(.sval)?.text(.sval) ?? $0.text(.sval) } ?? []
      entry.settings.append("\(argument?.text(.name) ?? "")=\(values.joined(separator: ", "))")
    default: return
    }
  }

  // MARK: - Operators and casts

  mutating func define(_ node: Node) {
    let names = node.children(.defnames).map { $0.text(.sval) }
    var entry = OperatorEntry(
      id: newID(), schema: schema(names.count > 1 ? names[names.count - 2] : ""), name: names.last ?? "", origin: .user,
      leftType: 0, rightType: 0, resultType: 0, function: 0)
    var function: [String] = []
    var partners: Set<String> = []
    for option in node.children(.definition) {
      switch option.text(.defname).lowercased() {
      case "leftarg": entry.leftType = typeID(option.child(.arg))
      case "rightarg": entry.rightType = typeID(option.child(.arg))
      case "function", "procedure": function = option.child(.arg)?.children(.names).map { $0.text(.sval) } ?? []
      // The parser gives a name, or the list behind OPERATOR(…).
      case "negator", "commutator":
        let names = option.child(.arg)?.children(.names) ?? []
        let written = names + option.children(.arg) + (option.child(.arg)?.children(.items) ?? [])
        partners.formUnion(written.map { $0.text(.sval) }.filter { !$0.isEmpty })
      default: continue
      }
    }
    operators.append(ScriptedOperator(entry: entry, function: function, partners: partners))
  }

  mutating func cast(_ node: Node) {
    let context = node.symbol(.context)
    let entry = CastEntry(
      source: typeID(node.child(.sourcetype)), target: typeID(node.child(.targettype)), function: 0,
      isImplicit: context == .COERCION_IMPLICIT, isAssignment: context == .COERCION_ASSIGNMENT)
    let function = node.child(.func)?.children(.objname).map { $0.text(.sval) } ?? []
    castFunctions.append((entry, function))
  }

  /// With the functions that the whole script gives them; one that it does not give stays unknown.
  func resolvedOperators() -> [OperatorEntry] {
    operators.map { scripted in
      var resolved = scripted.entry
      resolved.function = functionID(scripted.function)
      let name = scripted.entry.name
      let shared = classes.filter { $0.operators.contains(name) }
      let partners = scripted.partners.union(shared.flatMap(\.operators))
      let reached = operators.filter { partners.contains($0.entry.name) || $0.partners.contains(name) }.map(\.function)
      resolved.partners = (reached + shared.flatMap(\.functions)).map(functionID).filter { !$0.isBuiltIn }
      return resolved
    }
  }

  func casts() -> [CastEntry] {
    castFunctions.map { entry, name in
      var resolved = entry
      resolved.function = name.isEmpty ? 0 : functionID(name)
      return resolved
    }
  }

  private func functionID(_ name: [String]) -> UInt32 {
    if let own = functions.last(where: { $0.name == name.last }) { return own.id }
    return BuiltInTables.functionTable[name.last ?? ""].first.flatMap { UInt32($0[0]) } ?? Self.unknownFunction
  }

  /// Stands for a function that nobody knows.
  static let unknownFunction: UInt32 = 99_999

  // MARK: - Expressions

  /// An expression that calls the same functions and operators and names the same types: all that judging looks at.
  private func imitation(of mentions: Mentions) -> String {
    var parts: [String] = []
    for call in mentions.calls {
      let name = [call.schema, call.name].compactMap { $0.map(Self.quoted) }.joined(separator: ".")
      parts.append("\(name)(\(Array(repeating: "NULL", count: call.count).joined(separator: ", ")))")
    }
    for use in mentions.operators {
      let name = use.schema.map { "OPERATOR(\(Self.quoted($0)).\(use.name))" } ?? use.name
      parts.append(use.isPrefix ? "\(name) NULL" : "NULL \(name) NULL")
    }
    for type in mentions.types {
      parts.append("NULL::\([type.schema, type.name].compactMap { $0.map(Self.quoted) }.joined(separator: "."))")
    }
    return "ROW(\((parts + meantHere(mentions)).joined(separator: ", ")))"
  }

  /// Calls of what the script has put into the schemas that are searched now: elsewhere the bare names mean others.
  func meantHere(_ mentions: Mentions) -> [String] {
    var parts: [String] = []
    for call in mentions.calls where call.schema == nil {
      for schema in path where functions.contains(where: { $0.name == call.name && $0.schema == schema }) {
        let values = Array(repeating: "NULL", count: call.count).joined(separator: ", ")
        parts.append("\(Self.quoted(schema)).\(Self.quoted(call.name))(\(values))")
      }
    }
    for use in mentions.operators where use.schema == nil {
      for schema in path where operators.contains(where: { $0.entry.name == use.name && $0.entry.schema == schema }) {
        parts.append("\(use.isPrefix ? "" : "NULL ")OPERATOR(\(Self.quoted(schema)).\(use.name)) NULL")
      }
    }
    return parts
  }

  func imitation(_ expression: Node) -> String { imitation(of: StatementReader.mentions(ofPart: expression)) }

  static func quoted(_ name: String) -> String {
    "\"" + doubling("\"", in: name) + "\""
  }
}
