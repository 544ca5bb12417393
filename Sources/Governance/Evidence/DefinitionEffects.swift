// CREATE, DROP, RENAME and what hangs on tables: triggers, rules, policies, statistics, comments.

import Database
import SQLSyntax

extension ChangeEffects {
  mutating func readDefinition(_ node: Node, _ facts: ChangeFacts) {
    switch node.kind {
    case .createStmt: readCreateTable(node, facts)
    case .dropStmt: readDrop(node, facts)
    case .renameStmt: readRename(node, facts)
    case .alterObjectSchemaStmt:
      action = "ALTER … SET SCHEMA"
      catalogOnly(node.child(.relation), .accessExclusive, facts)
    case .createTrigStmt:
      action = "CREATE TRIGGER"
      catalogOnly(node.child(.relation), .shareRowExclusive, facts)
    case .ruleStmt: catalogOnly(node.child(.relation), .accessExclusive, facts)
    case .createPolicyStmt, .alterPolicyStmt: catalogOnly(node.child(.table), .accessExclusive, facts)
    case .createStatsStmt:
      action = "CREATE STATISTICS"
      for table in node.children(.relations) { catalogOnly(table, .shareUpdateExclusive, facts) }
    case .commentStmt:
      for relation in ChangeReader.named(by: node) {
        let mode: LockMode = node.symbol(.objtype) == .OBJECT_TRIGGER ? .accessShare : .shareUpdateExclusive
        catalogOnly(relation, mode, facts)
      }
    case .viewStmt: readView(node, facts)
    case .alterSeqStmt:
      action = "ALTER SEQUENCE"
      catalogOnly(node.child(.sequence), .shareRowExclusive, facts)
    case .alterDomainStmt:
      isKnown = node.text(.subtype) != "C" && node.text(.subtype) != "O" && node.text(.subtype) != "V"
    default:
      for table in node.all(.rangeVar) { catalogOnly(table, .shareUpdateExclusive, facts) }
    }
  }

  private mutating func catalogOnly(_ rangeVar: Node?, _ mode: LockMode, _ facts: ChangeFacts) {
    guard let rangeVar else { return }
    catalogOnly(ChangeReader.relation(rangeVar), mode, facts)
  }

  private mutating func catalogOnly(_ written: WrittenRelation, _ mode: LockMode, _ facts: ChangeFacts) {
    guard let relation = find(written, in: facts) else { return }
    lock(relation.qualifiedName, mode)
    work(relation.qualifiedName, .catalogOnly, "a change of the catalog")
  }

  /// The new table is nobody else's yet; those that it refers to, belongs to or is made like are.
  private mutating func readCreateTable(_ node: Node, _ facts: ChangeFacts) {
    action = "CREATE TABLE"
    let isPartition = node.child(.partbound) != nil
    for parent in node.children(.inhRelations) {
      guard let relation = find(parent, in: facts) else { continue }
      lock(
        relation.qualifiedName, isPartition ? .accessExclusive : .shareUpdateExclusive,
        because: isPartition ? "it gets a partition" : "it gets a child")
      work(relation.qualifiedName, .catalogOnly, "a change of the catalog")
    }
    for constraint in node.all(.constraint) where constraint.symbol(.contype) == .CONSTR_FOREIGN {
      let own = node.child(.relation).map(ChangeReader.relation)
      if let other = constraint.child(.pktable).map(ChangeReader.relation), other != own {
        lockReferenced(constraint, facts)
      }
    }
    for like in node.all(.tableLikeClause) {
      if let relation = find(like.child(.relation), in: facts) { lock(relation.qualifiedName, .accessShare) }
    }
  }

  private mutating func readView(_ node: Node, _ facts: ChangeFacts) {
    action = "CREATE VIEW"
    if node.flag(.replace), let view = node.child(.view), let known = facts.relation(ChangeReader.relation(view)) {
      lock(known.qualifiedName, .accessExclusive, because: "it is replaced")
      work(known.qualifiedName, .catalogOnly, "a change of the catalog")
    }
    guard let query = node.child(.query) else { return }
    let common = ChangeReader.commonTableNames(in: query)
    for table in query.all(.rangeVar) where !common.contains(table.text(.relname)) {
      if let relation = find(table, in: facts) { lock(relation.qualifiedName, .accessShare) }
    }
  }

  private mutating func readRename(_ node: Node, _ facts: ChangeFacts) {
    action = "ALTER … RENAME"
    guard let target = node.child(.relation) else { return }
    let isIndex = facts.relation(ChangeReader.relation(target))?.isIndex ?? false
    let isWhole = node.symbol(.renameType) == .OBJECT_INDEX || isIndex
    catalogOnly(target, isWhole ? .shareUpdateExclusive : .accessExclusive, facts)
  }

  private mutating func readDrop(_ node: Node, _ facts: ChangeFacts) {
    let kind = node.symbol(.removeType)
    action = "DROP \(Self.words[kind ?? .OBJECT_TYPE] ?? "…")"
    if node.flag(.concurrent) {
      action += " CONCURRENTLY"
      isTransactional = false
    }
    for written in ChangeReader.named(by: node) {
      guard let relation = facts.relation(written) else {
        if !node.flag(.missingOk) || kind != .OBJECT_TABLE { absent.append(written) }
        continue
      }
      let isWhole = ChangeReader.relationKinds.contains(kind ?? .OBJECT_TYPE)
      dropped(relation, isConcurrent: node.flag(.concurrent), isWhole: isWhole, facts)
      guard isWhole, node.symbol(.behavior) == .DROP_CASCADE else { continue }
      for view in Set(facts.dependents.filter { $0.relation == relation.id }.map(\.qualifiedName)) {
        lock(view, .accessExclusive, because: "CASCADE takes it along, and what depends on it")
      }
    }
    // What CASCADE takes along from other kinds is not followed.
    let followed: Set<Symbol> = ChangeReader.relationKinds.union(ChangeReader.partKinds)
    if let kind, !followed.contains(kind), node.symbol(.behavior) == .DROP_CASCADE { isKnown = false }
  }

  private mutating func dropped(
    _ relation: ChangeFacts.Relation, isConcurrent: Bool, isWhole: Bool, _ facts: ChangeFacts
  ) {
    guard isWhole else {
      lock(relation.qualifiedName, .accessExclusive)
      work(relation.qualifiedName, .catalogOnly, "a change of the catalog")
      return
    }
    let mode: LockMode = isConcurrent ? .shareUpdateExclusive : .accessExclusive
    lock(relation.qualifiedName, mode, because: relation.children > 0 ? "with its \(relation.children) parts" : nil)
    let isStored = ["r", "m", "i", "p", "I", "S"].contains(relation.kind)
    work(
      relation.qualifiedName, isStored ? .removal : .catalogOnly, isStored ? "its files go" : "a change of the catalog")
    if let table = relation.tableID { lock(facts.name(of: table), mode, because: "the index's table") }
    if let parent = relation.parentID {
      lock(facts.name(of: parent), .accessExclusive, because: "it loses a partition")
    }
    for constraint in facts.constraints where constraint.kind == "f" && constraint.relation == relation.id {
      guard let other = constraint.referenced, other != relation.id else { continue }
      lock(facts.name(of: other), .accessExclusive, because: "the foreign key's triggers on it are removed")
    }
    for constraint in facts.constraints where constraint.kind == "f" && constraint.referenced == relation.id {
      guard constraint.relation != relation.id else { continue }
      lock(facts.name(of: constraint.relation), .accessExclusive, because: "its foreign key \(constraint.name) goes")
    }
  }

  private static let words: [Symbol: String] = [
    .OBJECT_TABLE: "TABLE", .OBJECT_INDEX: "INDEX", .OBJECT_VIEW: "VIEW", .OBJECT_MATVIEW: "MATERIALIZED VIEW",
    .OBJECT_SEQUENCE: "SEQUENCE", .OBJECT_TRIGGER: "TRIGGER", .OBJECT_POLICY: "POLICY", .OBJECT_RULE: "RULE",
    .OBJECT_TYPE: "TYPE", .OBJECT_SCHEMA: "SCHEMA", .OBJECT_FUNCTION: "FUNCTION", .OBJECT_EXTENSION: "EXTENSION",
    .OBJECT_FOREIGN_TABLE: "FOREIGN TABLE", .OBJECT_DOMAIN: "DOMAIN", .OBJECT_STATISTIC_EXT: "STATISTICS",
  ]
}
