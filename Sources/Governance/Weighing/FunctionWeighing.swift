// Functions and operators: which ones a name may mean here, and what calling them does.

import Database
import SQLSyntax

extension Weigher {
  mutating func weighCall(
    _ call: Mentions.Call, _ mentions: Mentions, _ path: [String], _ weighing: inout Weighing
  ) {
    var named = functions(named: call.name)
    // EXTRACT(field FROM x) is a call of `extract` for parsers from PostgreSQL 14 on, and of `date_part` for servers before.
    if named.isEmpty && call.name == "extract" && call.schema == "pg_catalog" { named = functions(named: "date_part") }
    if isHidden(call.schema, weighing) { return refuseAbsent(call, &weighing) }
    let candidates = named.filter {
      $0.takes(call.count) && isVisible($0.entry.schema, call.schema, path)
        && !isExcluded($0, from: call, mentions, weighing)
    }
    if call.hasOneArgument {
      // f(x) is a cast if no function takes x and there is a type of that name.
      let use = Mentions.TypeUse(schema: call.schema, name: call.name, position: call.position)
      weighType(use, isMentioned: false, path, &weighing)
    }
    if candidates.isEmpty {
      weighAbsent(call, path, &weighing)
      return
    }
    var strongest = Permission.read
    for candidate in candidates {
      // A value of its type, to which casts may apply.
      weighing.touch([candidate.entry.returnType] + candidate.entry.allTypes, in: names)
      if looksForPolicy { weighPoliced(candidate, of: call, at: call.position, &weighing) }
      if let effect = candidate.effect, effect != .none, effect != .sensitive {
        strongest = max(strongest, effect.permission)
        weighing.implied.lasting = weighing.implied.lasting ?? candidate.lastingEffect
        weighing.need(
          effect.permission, effect.rule, "\(candidate.entry.name) \(effect.reason)", at: call.position,
          wayOut: effect.wayOut)
      }
      if candidate.effect == nil || candidate.hasBody {
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
      let isRow = { (type: TypeEntry) in type.kind == .composite }
      if !types(call.schema, call.name, path).allSatisfy({ looksForPolicy && isRow($0) }) { return }
      // c(t) is the column c of the row t.
      let isColumn = call.schema == nil && weighing.relations.contains { $0.found?.hasColumn(call.name) ?? false }
      if isColumn { return }
    }
    refuseAbsent(call, &weighing)
  }

  private func refuseAbsent(_ call: Mentions.Call, _ weighing: inout Weighing) {
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
      if looksForPolicy, let argument = candidate.entry.argumentTypes.first, mayTake(argument, a: selection.row) {
        weighPoliced(candidate, at: selection.position, &weighing)
      }
      guard candidate.effect != FunctionEffect.none || candidate.hasBody,
        let argument = candidate.entry.argumentTypes.first,
        mayTake(argument, a: selection.row)
      else { continue }
      if let effect = candidate.effect, effect.permission > .read {
        weighing.implied.lasting = weighing.implied.lasting ?? candidate.lastingEffect
        weighing.need(
          effect.permission, effect.rule, "\(candidate.entry.name) \(effect.reason)", at: selection.position,
          wayOut: effect.wayOut)
        continue
      }
      weighing.take(
        functionImplication(candidate.entry.id), "function-code", "the function \(selection.name)",
        at: selection.position)
    }
  }

  /// Whether a function of this argument can be meant for a row of which this is known. A row fits its own type and
  /// those of the tables that its table inherits from.
  private mutating func mayTake(_ argument: UInt32, a row: Mentions.Row) -> Bool {
    switch row {
    case .anyValue: return true
    case .unknown: return !Self.takesNoRow(argument, in: &self)
    case .parameter(let number):
      guard parameterTypes.indices.contains(number - 1) else { return true }
      return mayTake(argument, a: .type(parameterTypes[number - 1]))
    case .type(let type):
      if type == argument || type.isBuiltIn { return true }
      guard let entry = self.type(type), entry.kind == .composite else { return true }
      return mayTake(argument, a: .relation(entry.relation))
    case .relation(let relation):
      if Self.takesNoRow(argument, in: &self) { return false }
      if argument.isBuiltIn { return true }
      guard let entry = type(argument), entry.kind == .composite, entry.relation != 0 else { return true }
      // A table can be made OF a type that stands by itself.
      if self.relation(entry.relation)?.kind == .composite { return true }
      return isDescendant(relation, of: entry.relation, depth: 0)
    }
  }

  private mutating func isDescendant(_ relation: UInt32, of ancestor: UInt32, depth: Int) -> Bool {
    if relation == ancestor || depth > options.limits.depth { return true }
    guard let entry = self.relation(ancestor) else { return false }
    for child in entry.children where isDescendant(relation, of: child, depth: depth + 1) { return true }
    return false
  }

  /// A built-in type that no row can be coerced to.
  private static func takesNoRow(_ type: UInt32, in weigher: inout Weigher) -> Bool {
    if type.isBuiltIn { return !polymorphic.contains(type) }
    guard let entry = weigher.type(type) else { return false }
    return entry.kind == .enumeration || entry.kind == .range || entry.kind == .base
  }

  /// record, anyelement, any, anynonarray, anycompatible, anycompatiblenonarray.
  private static let polymorphic: Set<UInt32> = [2249, 2283, 2276, 2776, 5077, 5079]

  mutating func weighOperator(
    _ use: Mentions.Operator, _ mentions: Mentions, _ path: [String], _ weighing: inout Weighing
  ) {
    guard let found = operators(named: use.name) else { return }
    let isBuiltIn =
      found.hasBuiltIn && (use.schema == nil || use.schema == "pg_catalog")
    weighing.touch(use.isPrefix ? found.prefixResultTypes : found.resultTypes, in: names)
    let isThere = !isHidden(use.schema, weighing)
    if !isBuiltIn && !(isThere && found.others.contains { isVisible($0.schema, use.schema, path) }) {
      weighing.need(
        .admin, "operator-code",
        "the operator \(use.name) is not available here: it does not exist, or nobody has shown that it is harmless",
        at: use.position, wayOut: "An operator who knows what it does can allow its function by its signature.")
      return
    }
    for entry in found.others
    where (entry.leftType == 0) == use.isPrefix && isVisible(entry.schema, use.schema, path) {
      if isExcluded(entry, from: use, mentions, weighing) { continue }
      var implication = functionImplication(entry.function)
      // Planning turns NOT and the sides of a comparison round.
      for partner in entry.partners {
        guard let candidate = function(partner), !Self.isInstalledCode(candidate) else { continue }
        implication.merge(functionImplication(partner), "its negator or commutator")
      }
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
}

extension Mentions.Call {
  /// As the statement names it.
  var written: String { schema.map { "\($0).\(name)" } ?? name }
}
