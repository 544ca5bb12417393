// What a policy makes of a statement's relations: nothing, something else, or a refusal.

import Database
import SQLSyntax

/// What takes the place of one mention of a relation.
struct RelationStandIn: Sendable {
  /// Place of the mention in the text.
  var position: Int
  var entry: RelationEntry
  var rule: RelationRule
  var isFenced: Bool
  /// Of a view that reads what is ruled: its query, to be read instead of the view.
  var view: FollowedView?
  /// Rows come partition by partition, which something hidden has chosen: they are put in another order.
  var isSorted: Bool
}

/// Whose rules of what.
struct RuleKey: Hashable {
  var policy: EffectivePolicy
  var relation: UInt32
}

/// The outcome for one statement.
enum Screening {
  case refused(Verdict)
  case passed([RelationStandIn])
}

extension Weigher {
  /// - Returns: whatever it is, it does not count while names are missing.
  /// - Parameter depth: of views in views.
  mutating func screen(
    _ statement: Statement, _ weighing: Weighing, by policy: EffectivePolicy, depth: Int = 0
  ) -> Screening {
    if let refusal = refusalOfKind(statement.node, policy) { return .refused(refusal) }
    let isExplained = statement.node.kind == .explainStmt
    var views: [Int: FollowedView] = [:]
    for (mention, found) in weighing.relations {
      guard let found, isThere(found.entry, policy) else { return .refused(.absent(mention)) }
      if mention.access != .read, !rule(of: found.entry, policy).isEmpty { return .refused(.ruledWrite(mention)) }
      guard let refusal = refusal(of: mention, found.entry, policy) else { continue }
      guard refusal.rule == Verdict.viewRule, mention.access == .read, !isExplained,
        let view = followed(found.entry, policy, depth: depth)
      else { return .refused(refusal) }
      views[mention.position] = view
    }
    for id in weighing.codeReads.sorted() + weighing.implied.writes.sorted() {
      guard isFree(id, policy) else { return .refused(.hiddenCode) }
    }
    var standIns: [RelationStandIn] = []
    let sampled = statement.node.all(.rangeTableSample).compactMap { $0.child(.relation)?.integer(.location) }
    for (mention, found) in weighing.relations {
      guard let entry = found?.entry else { continue }
      let rule = rule(of: entry, policy)
      let view = views[mention.position]
      if rule.isEmpty && view == nil {
        if isExplained, closure(of: [entry.id], policy) == nil { return .refused(.ruledPlan(mention)) }
        continue
      }
      if mention.access != .read { return .refused(.ruledWrite(mention)) }
      if isExplained { return .refused(.ruledPlan(mention)) }
      if sampled.contains(mention.position) { return .refused(.ruledSample(mention)) }
      standIns.append(
        RelationStandIn(
          position: mention.position, entry: entry, rule: rule, isFenced: false, view: view,
          isSorted: isPartitionedByHidden(entry, rule)))
    }
    if standIns.contains(where: { !$0.rule.filters.isEmpty }) {
      let areFenced =
        !LeakFreeConditions.hold(in: statement.node, beside: standIns.flatMap(\.rule.filters)) || hasOddComparisons
        || !PlainColumns.hold(in: weighing.relations.map { $0.found?.entry })
        || standIns.contains { $0.rule.hasExpressions || $0.view != nil }
      for place in standIns.indices where !standIns[place].rule.filters.isEmpty {
        standIns[place].isFenced = areFenced
      }
    }
    return .passed(standIns)
  }

  // MARK: - Statements

  private func refusalOfKind(_ node: Node, _ policy: EffectivePolicy) -> Verdict? {
    switch node.kind {
    case .selectStmt, .explainStmt: break
    case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: break
    default:
      return Verdict(
        rejecting: "policy-statement",
        because: "a policy holds here, and only queries and changes of data run under it",
        wayOut: "Ask somebody without the policy.")
    }
    var refusal: Verdict?
    node.walkChoosing { node, _ in
      guard refusal == nil else { return .over }
      switch node.kind {
      case .lockingClause:
        refusal = Verdict(
          rejecting: "policy-lock", because: "a policy holds here, and rows cannot be locked under it",
          wayOut: "Leave the locking clause out.")
      case .intoClause:
        refusal = Verdict(
          rejecting: "policy-statement", because: "a policy holds here, and tables cannot be made under it",
          wayOut: "Leave INTO out to read the rows.")
      case .collateClause:
        let names = node.children(.collname).map { $0.text(.sval) }
        guard names.count > 1, names[names.count - 2] != "pg_catalog" else { break }
        let schema = names[names.count - 2]
        // PostgreSQL tells a schema without such a collation from one that does not exist.
        let isKnown = self.names.surroundings?.searchPath.contains(schema) ?? false
        if !isKnown || !policy.admits(schema: schema) { refusal = .hiddenCode }
      default: break
      }
      return .into
    }
    return refusal
  }

  // MARK: - Relations

  /// Whether a relation is there for the caller. What belongs to the system or to an extension shows names, definitions,
  /// statistics or the statements of others.
  private mutating func isThere(_ entry: RelationEntry, _ policy: EffectivePolicy) -> Bool {
    guard entry.origin == .user, !entry.schema.hasPrefix("pg_") else { return false }
    switch entry.kind {
    case .table, .partitionedTable, .view, .materializedView, .foreignTable: break
    case .sequence, .index, .partitionedIndex, .toast, .composite: return false
    }
    return policy.admits(entry.tableName, under: ancestors(of: entry))
  }

  private mutating func refusal(
    of mention: Mentions.Relation, _ entry: RelationEntry, _ policy: EffectivePolicy
  ) -> Verdict? {
    if entry.kind == .view || entry.kind == .materializedView {
      let isView = entry.kind == .view
      var behind = isView ? readImplication(entry.id).reads : refreshImplication(entry.id).reads
      behind.remove(entry.id)
      for id in behind.sorted() where !isFree(id, policy) { return .ruledView(mention) }
      if isView, mention.access != .read { return .ruledWrite(mention) }
    }
    if hasRuledDescendant(entry, policy) || isChosenByHidden(entry, policy) { return .ruledChild(mention) }
    guard mention.access != .read else { return nil }
    // What a trigger reads it may write where it can be seen.
    let written = writeImplication(entry.id)
    for id in written.reads.union(written.writes).sorted() where id != entry.id && !isFree(id, policy) {
      return .ruledWrite(mention)
    }
    // The check of a foreign key tells whether there is a row.
    for id in entry.keyNeighbours where id != entry.id && !isFree(id, policy) { return .ruledWrite(mention) }
    return nil
  }

  /// Whether something hidden decides which rows are in a partition: reading it by its own name would tell.
  private mutating func isChosenByHidden(_ entry: RelationEntry, _ policy: EffectivePolicy) -> Bool {
    !entry.parents.isEmpty && isPartitionedByHidden(entry, rule(of: entry, policy))
  }

  private func isPartitionedByHidden(_ entry: RelationEntry, _ rule: RelationRule) -> Bool {
    if entry.partitionKeys.isEmpty || rule.isEmpty { return false }
    return !entry.partitionKeys.allSatisfy { Self.isClear($0, rule, entry) }
  }

  /// Whether a relation is there, all of it, as it is stored.
  ///
  /// A materialized view is stored by itself, but what is stored is what its definition has read.
  mutating func isFree(_ id: UInt32, _ policy: EffectivePolicy, depth: Int = 0) -> Bool {
    guard depth < options.limits.depth, let entry = relation(id), isThere(entry, policy) else { return false }
    guard rule(of: entry, policy).isEmpty && !hasRuledDescendant(entry, policy) else { return false }
    guard entry.kind == .materializedView else { return true }
    let behind = refreshImplication(id).reads.subtracting([id])
    return behind.sorted().allSatisfy { isFree($0, policy, depth: depth + 1) }
  }

  /// Whether rows of another relation, for which more is ruled, are among its own.
  private mutating func hasRuledDescendant(_ entry: RelationEntry, _ policy: EffectivePolicy) -> Bool {
    if entry.children.isEmpty { return false }
    let own = policy.rule(of: entry.tableName, under: ancestors(of: entry))
    return hasDescendant(of: entry, ruledOtherwiseThan: own, policy, depth: 0)
  }

  private mutating func hasDescendant(
    of entry: RelationEntry, ruledOtherwiseThan own: RelationRule, _ policy: EffectivePolicy, depth: Int
  ) -> Bool {
    if depth > options.limits.depth { return true }
    for id in entry.children {
      guard let child = relation(id) else { continue }
      if policy.denies(child.tableName) { return true }
      if policy.rule(of: child.tableName, under: ancestors(of: child)) != own { return true }
      if hasDescendant(of: child, ruledOtherwiseThan: own, policy, depth: depth + 1) { return true }
    }
    return false
  }

  private mutating func ancestors(of entry: RelationEntry, depth: Int = 0) -> [TableName] {
    guard depth < options.limits.depth else { return [] }
    var found: [TableName] = []
    for id in entry.parents {
      guard let parent = relation(id) else { continue }
      found.append(parent.tableName)
      for name in ancestors(of: parent, depth: depth + 1) where !found.contains(name) { found.append(name) }
    }
    return found
  }

  /// The rule of a relation, with the columns that are computed from hidden ones.
  private mutating func rule(of entry: RelationEntry, _ policy: EffectivePolicy) -> RelationRule {
    let key = RuleKey(policy: policy, relation: entry.id)
    if let known = relationRules[key] { return known }
    let found = madeRule(of: entry, policy)
    // Half of the ancestors may be missing.
    if isComplete {
      if relationRules.count >= Self.keptRules { relationRules = [:] }
      relationRules[key] = found
    }
    return found
  }

  private static let keptRules = 10_000

  private mutating func madeRule(of entry: RelationEntry, _ policy: EffectivePolicy) -> RelationRule {
    var rule = policy.rule(of: entry.tableName, under: ancestors(of: entry))
    if rule.isEmpty { return rule }
    for column in entry.generated where rule.isClear(column.name) {
      if !Self.isClear(column.expression, rule, entry) { rule.hide(column.name) }
    }
    return rule
  }

  private static func isClear(_ expression: String, _ rule: RelationRule, _ entry: RelationEntry) -> Bool {
    guard let node = try? PolicyText.expression(expression) else { return false }
    var isClear = true
    node.walk { node, _ in
      guard node.kind == .columnRef else { return }
      let name = node.children(.fields).last?.text(.sval) ?? ""
      if !entry.columns.contains(where: { $0.name == name }) || !rule.isClear(name) { isClear = false }
    }
    return isClear
  }

  /// Somebody's own operators of these names, for types of PostgreSQL's own, might be what a comparison means, and
  /// functions what looks like an aggregate.
  private var hasOddComparisons: Bool {
    let isOdd = LeakFreeConditions.aggregates.contains { name in
      names.functions[ExactName(name)]?.contains { $0.effect == nil } ?? false
    }
    return isOdd
      || ["=", "<>", "<", ">", "<=", ">="].contains { name in
        names.operators[ExactName(name)]?.others.contains { $0.leftType.isBuiltIn || $0.rightType.isBuiltIn } ?? false
      }
  }
}

extension RelationRule {
  /// Nobody knows whether an operator's own SQL can fail.
  fileprivate var hasExpressions: Bool {
    masks.values.contains { $0.contains { if case .expression = $0.mask { true } else { false } } }
  }
}

extension RelationEntry {
  var tableName: TableName { TableName(schema: schema, name: name) }
}
