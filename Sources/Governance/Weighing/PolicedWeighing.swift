// What is refused beside the usual where a policy may hide something.

import Database
import SQLSyntax

extension Weigher {
  /// Functions that look at more than their arguments, and functions whose arguments or rows are of a table's type.
  mutating func weighPoliced(
    _ candidate: FunctionCandidate, of call: Mentions.Call? = nil, at position: Int, _ weighing: inout Weighing
  ) {
    let entry = candidate.entry
    // The type that it gives is a name for an object, and what stands beside it becomes of that type.
    var isAdmitted =
      entry.name == "pg_typeof" && entry.origin == .builtIn
      ? call?.isShown ?? false : PolicedFunctions.admits(candidate)
    for (type, argument) in zip(entry.argumentTypes, call?.arguments ?? [])
    where PolicedFunctions.configurationTypes.contains(type) && PolicedFunctions.mayNameSchema(argument) {
      isAdmitted = false
    }
    if candidate.effect == nil {
      for type in entry.argumentTypes + entry.allTypes + [entry.returnType] where isOfTable(type) { isAdmitted = false }
    }
    if isAdmitted { return }
    refuse(
      "the function \(entry.name) is not available here: it does not exist, or looks at more than its arguments",
      "policy-function", at: position, &weighing)
  }

  /// Types that turn names into objects, and the row types of tables, which have all their columns.
  mutating func weighPoliced(_ types: [TypeEntry], _ use: Mentions.TypeUse, _ weighing: inout Weighing) {
    for entry in types
    where PolicedFunctions.namingTypes.contains(entry.id) || isOfTable(entry.id)
      || (PolicedFunctions.configurationTypes.contains(entry.id) && !use.isPlainConfiguration)
    {
      weighPolicedAbsence(of: use, &weighing)
    }
  }

  /// A type that does not exist, in the words for the row type of a table that is hidden.
  func weighPolicedAbsence(of use: Mentions.TypeUse, _ weighing: inout Weighing) {
    let name = use.schema.map { "\($0).\(use.name)" } ?? use.name
    refuse("the type \(name) is not available here", "policy-type", at: use.position, &weighing)
  }

  /// Whether a name has a schema in front that is not there for the caller: what is in it does not exist either.
  func isHidden(_ schema: String?, _ weighing: Weighing) -> Bool {
    guard let schema, schema != "pg_catalog", let policy = weighing.policy else { return false }
    return !policy.admits(schema: schema)
  }

  /// A column's default that takes the next number of a sequence: `nextval('s'::regclass)`.
  static func isNextNumber(_ expression: String) -> Bool {
    guard let node = try? PolicyText.expression(expression), node.kind == .funcCall else { return false }
    let names = node.children(.funcname).map { $0.text(.sval) }
    let arguments = node.children(.args)
    return (names == ["nextval"] || names == ["pg_catalog", "nextval"]) && arguments.count == 1
      && arguments[0].kind == .typeCast && arguments[0].child(.arg)?.kind == .aConst
  }

  /// Also of an array of rows, and of a domain over them.
  private mutating func isOfTable(_ type: UInt32, depth: Int = 0) -> Bool {
    if type.isBuiltIn { return PolicedFunctions.namingTypes.contains(type) }
    guard depth < 8, let entry = self.type(type) else { return false }
    if entry.kind == .composite {
      guard entry.relation != 0, let relation = relation(entry.relation), relation.kind == .composite else {
        return true
      }
    }
    for part in entry.madeOf where isOfTable(part, depth: depth + 1) { return true }
    return false
  }

  private func refuse(_ message: String, _ rule: String, at position: Int, _ weighing: inout Weighing) {
    weighing.demands.append(
      Demand(
        need: .rejection, rule: rule, message: message, position: position,
        wayOut: "A policy holds here: say it without."))
  }
}
