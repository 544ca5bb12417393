// What is refused beside the usual where a policy may hide something.

import Database

extension Weigher {
  /// Functions that look at more than their arguments, and functions whose arguments or rows are of a table's type.
  mutating func weighPoliced(_ candidate: FunctionCandidate, at position: Int, _ weighing: inout Weighing) {
    let entry = candidate.entry
    var isAdmitted = PolicedFunctions.admits(candidate)
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
    let name = use.schema.map { "\($0).\(use.name)" } ?? use.name
    for entry in types where PolicedFunctions.namingTypes.contains(entry.id) || isOfTable(entry.id) {
      refuse("the type \(name) is not available here", "policy-type", at: use.position, &weighing)
    }
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
