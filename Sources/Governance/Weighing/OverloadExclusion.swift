// Overloads that cannot be meant, because an argument has a type that they do not take.

import Database
import SQLSyntax

extension Weigher {
  /// Whether somebody's own overload is out of the question: one of its parameters is of a type that is not built-in,
  /// and the argument in that place is known to be of a built-in type that no cast leads from. String constants have no
  /// type yet and fit everything.
  mutating func isExcluded(
    _ candidate: FunctionCandidate, from call: Mentions.Call, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    guard candidate.effect == nil, candidate.entry.variadicType == 0 else { return false }
    guard !call.arguments.contains(where: { $0.kind == .namedArgExpr }) else { return false }
    return excludes(candidate.entry.argumentTypes, call.arguments, call.scope, mentions, weighing)
  }

  mutating func isExcluded(
    _ entry: OperatorEntry, from use: Mentions.Operator, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    let types = entry.leftType == 0 ? [entry.rightType] : [entry.leftType, entry.rightType]
    let operands = [use.expression?.child(.lexpr), use.expression?.child(.rexpr)].compactMap { $0 }
    guard types.count == operands.count else { return false }
    return excludes(types, operands, use.scope, mentions, weighing)
  }

  private mutating func excludes(
    _ types: [UInt32], _ arguments: [Node], _ scope: Int, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    for (type, argument) in zip(types, arguments) where !type.isBuiltIn {
      guard isBuiltInTyped(argument, scope, mentions, weighing), let entry = self.type(type) else { continue }
      // A domain takes what its base takes; a type with an implicit cast takes what the cast takes.
      if entry.kind == .domain || entry.kind == .pseudo { continue }
      let casts = names.surroundings?.casts ?? []
      if !casts.contains(where: { $0.target == type && $0.isImplicit }) { return true }
    }
    return false
  }

  /// Whether an expression certainly has a built-in type: constants but strings, casts to built-in types, and columns
  /// whose name means one column only.
  private mutating func isBuiltInTyped(
    _ node: Node, _ scope: Int, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    switch node.kind {
    case .aConst:
      return node.child(.ival) != nil || node.child(.fval) != nil || node.child(.boolval) != nil
    case .typeCast:
      let type = node.child(.typeName)
      let names = type?.children(.names) ?? []
      guard let name = names.last?.text(.sval), names.count == 1 || names.first?.text(.sval) == "pg_catalog",
        type?.children(.arrayBounds).isEmpty == true, !name.hasPrefix("_"), name != "unknown", name != "record"
      else { return false }
      let found = types(named: name)
      return !found.isEmpty && found.allSatisfy { $0.origin == .builtIn }
    case .columnRef: return isBuiltInColumn(node.children(.fields), scope, mentions, weighing)
    default: return false
    }
  }

  private func hasEntries(from scope: Int, _ mentions: Mentions) -> Bool {
    var outer: Int? = scope
    while let here = outer {
      if !mentions.scopes[here].entries.isEmpty { return true }
      outer = mentions.scopes[here].parent
    }
    return false
  }

  private func isBuiltInColumn(
    _ fields: [Node], _ scope: Int, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    guard fields.count <= 2, let name = fields.last, name.kind == .string else { return false }
    let qualifier = fields.count == 2 ? fields[0].text(.sval) : nil
    // What an outer query has may be meant where the inner one is not visible yet.
    if mentions.scopes[scope].parent.map({ hasEntries(from: $0, mentions) }) == true { return false }
    let entries = mentions.scopes[scope].entries.filter { qualifier == nil || $0.alias == qualifier }
    // What is no relation may have a column of that name as well.
    guard !entries.isEmpty, entries.allSatisfy({ $0.relation != nil && !$0.renamesColumns }) else { return false }
    var types: [UInt32] = []
    for entry in entries {
      guard let relation = entry.relation, let known = weighing.relations[relation].found else { return false }
      types += known.entry.columns.filter { $0.name == name.text(.sval) }.map(\.type)
    }
    return types.count == 1 && types[0].isBuiltIn
  }
}
