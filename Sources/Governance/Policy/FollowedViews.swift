// A view over ruled relations: its own query, over what the policy makes of these, takes its place.
//
// It is as if the caller had written the view's query in brackets (docs/decisions/0019): whatever would be refused then is
// refused here, so a view never shows more than its tables do.

import Database
import SQLSyntax

/// The query of a view under a policy, without brackets.
struct FollowedView: Sendable {
  var text: String
  var shown: String
  var masked: [String]
  var filtered: [String]
}

extension Weigher {
  /// - Returns: nil where the view's query is not to be had, or would be refused; while names are missing it does not count.
  mutating func followed(_ entry: RelationEntry, _ policy: EffectivePolicy, depth: Int) -> FollowedView? {
    let key = RuleKey(policy: policy, relation: entry.id)
    if let known = followedViews[key] { return known }
    // Otherwise nothing of it counts, and what stands in each other's definitions would be looked at over and over.
    guard isComplete, depth < options.limits.viewDepth, let found = madeFollowed(entry, policy, depth: depth) else {
      return nil
    }
    if isComplete {
      if followedViews.count >= Self.keptViews { followedViews = [:] }
      followedViews[key] = found
    }
    return found
  }

  private static let keptViews = 1_000

  private mutating func madeFollowed(_ entry: RelationEntry, _ policy: EffectivePolicy, depth: Int) -> FollowedView? {
    guard entry.kind == .view, entry.origin == .user, let definition = entry.definition,
      let statements = try? parse(definition), statements.count == 1, let statement = statements.first,
      statement.node.kind == .selectStmt
    else { return nil }
    let mentions = StatementReader.mentions(of: statement, isOutermost: false)
    let weighing = weigh(mentions, path: definitionPath)
    guard meansTheSameAnywhere(mentions, weighing) else { return nil }
    for demand in weighing.demands {
      switch demand.need {
      case .rejection, .unproven: return nil
      case .permission: continue
      }
    }
    guard case .passed(var standIns) = screen(statement, weighing, by: policy, depth: depth + 1),
      hasItsColumns(weighing, standIns)
    else { return nil }
    // What the statement does with the view's rows is not looked at here, and may fail on a hidden one.
    for place in standIns.indices { standIns[place].isFenced = !standIns[place].rule.filters.isEmpty }
    guard let text = rewritten(statement, standIns, under: policy), text.text.utf8.count <= options.limits.viewBytes
    else { return nil }
    return FollowedView(
      text: Self.trimmed(text.text), shown: Self.trimmed(text.shown), masked: text.masked, filtered: text.filtered)
  }

  /// The catalog writes PostgreSQL's own functions, operators and types without their schema: in a statement another one
  /// of the name might be meant.
  private mutating func meansTheSameAnywhere(_ mentions: Mentions, _ weighing: Weighing) -> Bool {
    let isPlain = hasOnlyBuiltInTypes(mentions, weighing)
    for call in mentions.calls where call.schema == nil {
      for candidate in functions(named: call.name) where candidate.entry.origin != .builtIn {
        guard isPlain, isOutOfReach(candidate.entry.argumentTypes) else { return false }
      }
    }
    for use in mentions.operators where use.schema == nil {
      for entry in operators(named: use.name)?.others ?? [] {
        guard isPlain, isOutOfReach([entry.leftType, entry.rightType]) else { return false }
      }
    }
    for use in mentions.types where use.schema == nil {
      if types(named: use.name).contains(where: { $0.origin != .builtIn }) { return false }
    }
    return mentions.relations.allSatisfy { $0.schema != nil }
  }

  /// Whether no value in a view's query is of somebody's own type, except for rows of tables.
  private func hasOnlyBuiltInTypes(_ mentions: Mentions, _ weighing: Weighing) -> Bool {
    func isOwn(_ schema: String?) -> Bool { schema.map { $0 != "pg_catalog" } ?? false }
    if mentions.calls.contains(where: { isOwn($0.schema) }) || mentions.types.contains(where: { isOwn($0.schema) }) {
      return false
    }
    return weighing.relations.allSatisfy { mention, found in
      found?.entry.columns.allSatisfy { column in
        column.type.isBuiltIn || !(mention.hasAllColumns || mention.columns.contains(column.name))
      } ?? false
    }
  }

  /// Whether one of these types takes no value of a built-in type, unless it is cast by name: citext's operators, say.
  private mutating func isOutOfReach(_ types: [UInt32]) -> Bool {
    for id in types where !id.isBuiltIn {
      guard let entry = type(id), entry.kind == .base || entry.kind == .enumeration || entry.kind == .range else {
        continue
      }
      let casts = names.surroundings?.casts ?? []
      if !casts.contains(where: { $0.target == id && $0.isImplicit }) { return true }
    }
    return false
  }

  /// Whether every column that the query names is there for the caller.
  private func hasItsColumns(_ weighing: Weighing, _ standIns: [RelationStandIn]) -> Bool {
    weighing.relations.allSatisfy { mention, _ in
      guard let rule = standIns.first(where: { $0.position == mention.position })?.rule else { return true }
      return mention.columns.allSatisfy { rule.has($0) }
    }
  }

  private static func trimmed(_ text: String) -> String {
    var bytes = Array(text.utf8)
    while let last = bytes.last, last == UInt8(ascii: ";") || last == 0x20 || (0x09...0x0d).contains(last) {
      bytes.removeLast()
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
