// Functions and operators: which ones a name may mean here, and what calling them does.

import Database
import SQLSyntax

extension Weigher {
  mutating func weighCall(
    _ call: Mentions.Call, _ mentions: Mentions, _ path: [String], _ weighing: inout Weighing
  ) {
    let candidates = viable(
      functions(named: call.name).filter { $0.takes(call.count) && isVisible($0.entry.schema, call.schema, path) },
      weighing)
    if call.hasOneArgument && call.schema == nil {
      // f(x) is a cast if no function takes x and there is a type of that name.
      let use = Mentions.TypeUse(schema: nil, name: call.name, position: call.position)
      weighType(use, isMentioned: false, path, &weighing)
    }
    if candidates.isEmpty {
      weighAbsent(call, path, &weighing)
      return
    }
    var strongest = Permission.read
    for candidate in candidates {
      // A value of its type, to which casts may apply.
      if !candidate.entry.returnType.isBuiltIn { weighing.implied.types.insert(candidate.entry.returnType) }
      if let effect = candidate.effect {
        if effect == .none || effect == .sensitive { continue }
        strongest = max(strongest, effect.permission)
        weighing.need(
          effect.permission, effect.rule, "\(candidate.entry.name) \(effect.reason)", at: call.position,
          wayOut: effect.wayOut)
      } else {
        let implication = functionImplication(candidate.entry.id)
        strongest = max(strongest, implication.permission ?? .read)
        weighing.take(implication, "function-code", "the function \(call.written)", at: call.position)
      }
    }
    let first = candidates[0].entry
    let isAlone = candidates.count == 1
    weighing.functions.append(
      FunctionUse(signature: isAlone ? first.signature : "\(first.schema).\(first.name)", permission: strongest))
  }

  /// No function of that name takes so many arguments.
  private mutating func weighAbsent(_ call: Mentions.Call, _ path: [String], _ weighing: inout Weighing) {
    if call.hasOneArgument {
      if !types(call.schema, call.name, path).isEmpty { return }
      // c(t) is the column c of the row t.
      let isColumn = weighing.relations.contains { $0.entry?.columns.contains { $0.name == call.name } ?? false }
      if isColumn { return }
    }
    weighing.functions.append(FunctionUse(signature: call.written, permission: .admin))
    weighing.need(
      .admin, "function-code",
      "the function \(call.written) is not available here: it does not exist, or nobody has shown that it is harmless",
      at: call.position, wayOut: Weighing.allowing,
      note: "no function \(call.written) that takes \(call.count) arguments is known")
  }

  /// `(row).f` and `alias.f`: a function in attribute notation, where there is one that takes a row.
  mutating func weighSelection(_ selection: Mentions.Selection, _ path: [String], _ weighing: inout Weighing) {
    for candidate in functions(named: selection.name)
    where candidate.takes(1) && path.contains(candidate.entry.schema) {
      guard candidate.effect != FunctionEffect.none, let argument = candidate.entry.argumentTypes.first,
        !Self.takesNoRow(argument, in: &self)
      else { continue }
      weighing.take(
        functionImplication(candidate.entry.id), "function-code", "the function \(selection.name)",
        at: selection.position)
    }
  }

  /// A built-in type that no row can be coerced to.
  private static func takesNoRow(_ type: UInt32, in weigher: inout Weigher) -> Bool {
    if type.isBuiltIn { return !polymorphic.contains(type) }
    guard let entry = weigher.type(type) else { return false }
    return entry.kind == .enumeration || entry.kind == .range || entry.kind == .base
  }

  /// record, anyelement, any, anynonarray, anycompatible, anycompatiblenonarray.
  private static let polymorphic: Set<UInt32> = [2249, 2283, 2276, 2776, 5077, 5079]

  mutating func weighOperator(_ use: Mentions.Operator, _ path: [String], _ weighing: inout Weighing) {
    let found = operators(named: use.name)
    if found.others.isEmpty {
      if found.hasBuiltIn || !missing.operators.isEmpty { return }
      weighing.need(
        .admin, "operator-code",
        "the operator \(use.name) is not available here: it does not exist, or nobody has shown that it is harmless",
        at: use.position, wayOut: "An operator who knows what it does can allow its function by its signature.")
      return
    }
    for entry in found.others
    where (entry.leftType == 0) == use.isPrefix && isVisible(entry.schema, use.schema, path) {
      if isOutOfReach([entry.leftType, entry.rightType], weighing) { continue }
      var implication = functionImplication(entry.function)
      for estimator in entry.estimators where !estimator.isBuiltIn {
        guard let candidate = function(estimator), candidate.entry.language != "c" else { continue }
        implication.merge(functionImplication(estimator), "its selectivity estimator")
      }
      weighing.take(implication, "operator-code", "the operator \(use.name)", at: use.position)
    }
  }

  func isVisible(_ schema: String, _ wanted: String?, _ path: [String]) -> Bool {
    if let wanted { return wanted.names(schema: schema) }
    return path.contains(schema)
  }

  /// Without overloads for enumerations and ranges that nothing in the statement has, as long as others are
  /// left: PostgreSQL prefers any other overload for a literal.
  private mutating func viable(_ candidates: [FunctionCandidate], _ weighing: Weighing) -> [FunctionCandidate] {
    guard candidates.count > 1, candidates.contains(where: { $0.effect == nil }) else { return candidates }
    var left: [FunctionCandidate] = []
    for candidate in candidates
    where candidate.effect != nil || !isOutOfReach(candidate.entry.argumentTypes, weighing) {
      left.append(candidate)
    }
    return left.isEmpty ? candidates : left
  }

  private mutating func isOutOfReach(_ argumentTypes: [UInt32], _ weighing: Weighing) -> Bool {
    for id in argumentTypes where !id.isBuiltIn && !weighing.implied.types.contains(id) {
      guard let entry = type(id) else { continue }
      let isStructured = [.enumeration, .range, .multirange].contains(entry.kind)
      let casts = names.surroundings?.casts ?? []
      if isStructured && !casts.contains(where: { $0.target == id && $0.isImplicit }) { return true }
    }
    return false
  }
}

extension Mentions.Call {
  /// As the statement names it.
  var written: String { schema.map { "\($0).\(name)" } ?? name }
}
