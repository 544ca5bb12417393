// Types: a value of one may run somebody's code when it is made.

import Database

extension Weigher {
  /// - Parameter isMentioned: it is a type in any case, and not only perhaps.
  mutating func weighType(
    _ use: Mentions.TypeUse, isMentioned: Bool, _ path: [String], _ weighing: inout Weighing
  ) {
    var found = isHidden(use.schema, weighing) ? [] : types(use.schema, use.name, path)
    if looksForPolicy {
      // f(x) is never a cast to rows: a table that is hidden changes nothing of a call.
      if !isMentioned { found.removeAll { $0.kind == .composite } }
      if found.isEmpty && isMentioned { weighPolicedAbsence(of: use, &weighing) }
    } else if found.isEmpty && isMentioned {
      weighAbsent(use, &weighing)
    }
    weighing.touch(found.map(\.id), in: names)
    if looksForPolicy { weighPoliced(found, use, &weighing) }
    for entry in found where entry.origin != .builtIn || !isPlain(entry.id) {
      weighing.take(
        typeImplication(entry.id), "type-code", "the type \(entry.schema).\(entry.name)", at: use.position)
    }
  }

  private func weighAbsent(_ use: Mentions.TypeUse, _ weighing: inout Weighing) {
    let name = use.schema.map { "\($0).\(use.name)" } ?? use.name
    weighing.need(
      .admin, "type-code",
      "the type \(name) is not available here: it does not exist, or nobody has shown that it is harmless",
      at: use.position, wayOut: "An operator who knows what it does can allow its functions by their signatures.")
  }

  /// The types that a name may mean; an array type is met under its element's name.
  mutating func types(_ schema: String?, _ name: String, _ path: [String]) -> [TypeEntry] {
    let found = types(named: name)
    if found.isEmpty { return [] }
    if let schema { return found.filter { schema.names(schema: $0.schema) } }
    for place in path {
      let here = found.filter { $0.schema == place }
      if !here.isEmpty { return here }
    }
    return []
  }

  /// A built-in type that is as PostgreSQL has made it.
  func isPlain(_ type: UInt32) -> Bool {
    type.isBuiltIn && !(names.surroundings?.alteredTypes.contains(type) ?? false)
  }

  /// Input and output functions, conditions of domains, and all of it for what the type is made of.
  mutating func typeImplication(_ id: UInt32) -> Implication {
    implication(of: .type(id)) { weigher in
      var found = Implication()
      if weigher.isPlain(id) { return found }
      found.types.insert(id)
      guard let entry = weigher.type(id) else { return found }
      for function in entry.functions where !function.isBuiltIn {
        guard let candidate = weigher.function(function), !Self.isInstalledCode(candidate) else { continue }
        found.merge(weigher.functionImplication(function), "a function of the type \(entry.name)")
      }
      for expression in entry.expressions {
        found.merge(
          weigher.implication(ofExpression: expression, path: weigher.definitionPath),
          "a condition of the domain \(entry.name)"
        )
      }
      for part in entry.madeOf { found.merge(weigher.typeImplication(part), "a part of the type \(entry.name)") }
      return found
    }
  }

  /// Functions of base types and operator classes in C: code that only a superuser can install, and that has run on
  /// every stored value already. They count as harmless unless they are labelled VOLATILE or are known to do more.
  static func isInstalledCode(_ candidate: FunctionCandidate) -> Bool {
    (candidate.entry.language == "c" || candidate.entry.language == "internal")
      && candidate.entry.volatility != .volatile && candidate.effect == nil
  }

  /// Sorting, grouping and comparing call the functions of a type's default operator class unasked.
  mutating func weighOperatorClasses(_ weighing: inout Weighing) {
    for entry in names.surroundings?.operatorClasses ?? []
    where weighing.implied.types.contains(entry.type) || weighing.implied.types.contains(entry.arrayType) {
      for function in entry.functions {
        guard let candidate = self.function(function), !Self.isInstalledCode(candidate) else { continue }
        weighing.take(functionImplication(function), "operator-class", "an operator class", at: nil)
      }
    }
  }

  /// Casts that are applied without being named. Those between built-in types can hide anywhere; others need a value
  /// of their type.
  mutating func weighCasts(_ mentions: Mentions, _ weighing: inout Weighing) {
    guard let casts = names.surroundings?.casts, !casts.isEmpty else { return }
    for cast in casts where cast.function != 0 {
      let touched = weighing.implied.types
      let own = [cast.source, cast.target].filter { !$0.isBuiltIn }
      guard own.isEmpty || own.contains(where: touched.contains) else { continue }
      let implication = functionImplication(cast.function)
      weighing.take(implication, "cast-code", "a cast", at: mentions.types.first?.position)
    }
  }
}
