// What a statement does to the relations it touches, by PostgreSQL's rules.

import Database
import SQLSyntax

/// Locks, and how much of each relation is read or written. Built up by the readers of each family of statements.
struct ChangeEffects: Sendable {
  var action: String
  var locks: [LockNeed] = []
  var work: [TableWork] = []
  /// Named, and not there.
  var absent: [WrittenRelation] = []
  var isKnown = true
  var isTransactional = true

  /// The strongest lock on each relation is the one that counts.
  mutating func lock(_ relation: String, _ mode: LockMode, because reason: String? = nil) {
    if let place = locks.firstIndex(where: { $0.relation == relation }) {
      if locks[place].mode < mode { locks[place] = LockNeed(relation, mode, because: reason) }
    } else {
      locks.append(LockNeed(relation, mode, because: reason))
    }
  }

  /// The dearest work on each relation is the one that counts.
  mutating func work(_ relation: String, _ kind: TableWork.Kind, _ reason: String) {
    if let place = work.firstIndex(where: { $0.relation == relation }) {
      if work[place].kind < kind { work[place] = TableWork(relation, kind, reason) }
    } else {
      work.append(TableWork(relation, kind, reason))
    }
  }

  mutating func assumeTheWorst(_ relation: String, _ reason: String) {
    isKnown = false
    lock(relation, .accessExclusive, because: reason)
    work(relation, .unknown, reason)
  }

  /// - Returns: nil where it is not there, which is noted.
  mutating func find(_ rangeVar: Node?, in facts: ChangeFacts) -> ChangeFacts.Relation? {
    guard let rangeVar else { return nil }
    return find(ChangeReader.relation(rangeVar), in: facts)
  }

  mutating func find(_ written: WrittenRelation, in facts: ChangeFacts) -> ChangeFacts.Relation? {
    if let relation = facts.relation(written) { return relation }
    if !absent.contains(written) { absent.append(written) }
    return nil
  }

  static func of(_ statement: Statement, _ facts: ChangeFacts) -> ChangeEffects {
    let node = statement.node
    var effects = ChangeEffects(action: StatementNames.name(of: node))
    switch node.kind {
    case .alterTableStmt: effects.readAlterTable(node, facts)
    case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt, .copyStmt, .lockStmt, .truncateStmt,
      .createTableAsStmt, .refreshMatViewStmt, .explainStmt:
      effects.readData(node, facts)
    case .indexStmt, .reindexStmt, .clusterStmt, .vacuumStmt: effects.readIndexes(node, facts)
    case .createStmt, .dropStmt, .renameStmt, .alterObjectSchemaStmt, .commentStmt, .createTrigStmt, .ruleStmt,
      .createPolicyStmt, .alterPolicyStmt, .createStatsStmt, .viewStmt, .alterSeqStmt, .createPublicationStmt,
      .alterPublicationStmt, .alterDomainStmt:
      effects.readDefinition(node, facts)
    default: effects.readRest(node, facts)
    }
    return effects
  }

  /// Kinds that touch no table: types, functions, roles and the like.
  private static let harmless: Set<NodeKind> = [
    .createSeqStmt, .compositeTypeStmt, .createEnumStmt, .alterEnumStmt, .createRangeStmt, .createDomainStmt,
    .defineStmt, .createFunctionStmt, .alterFunctionStmt, .createSchemaStmt, .createRoleStmt, .alterRoleStmt,
    .alterRoleSetStmt, .grantRoleStmt, .alterDefaultPrivilegesStmt, .createExtensionStmt, .createCastStmt,
    .createConversionStmt, .createTransformStmt, .createOpClassStmt, .createOpFamilyStmt, .alterOpFamilyStmt,
    .createPLangStmt, .createAmStmt, .createEventTrigStmt, .alterEventTrigStmt, .notifyStmt, .variableShowStmt,
    .variableSetStmt, .transactionStmt, .createFdwStmt, .createForeignServerStmt, .createUserMappingStmt,
    .alterDatabaseStmt, .alterDatabaseSetStmt, .alterSystemStmt, .checkPointStmt,
  ]

  private mutating func readRest(_ node: Node, _ facts: ChangeFacts) {
    switch node.kind {
    case .grantStmt:
      // Rights are rows of the catalog: the table itself is not locked.
      for table in node.all(.rangeVar) {
        guard let relation = find(table, in: facts) else { continue }
        work(relation.qualifiedName, .catalogOnly, "rights are rows of the catalog")
      }
    case .createdbStmt, .dropdbStmt, .createTableSpaceStmt, .dropTableSpaceStmt: isTransactional = false
    case .alterSystemStmt: isTransactional = false
    case let kind where Self.harmless.contains(kind): break
    default:
      isKnown = false
      for table in node.all(.rangeVar) {
        guard let relation = find(table, in: facts) else { continue }
        assumeTheWorst(relation.qualifiedName, "what \(action) does to it is not known")
      }
    }
  }

  /// Relations that nobody named, and that writes wait for.
  func neighbours(in facts: ChangeFacts) -> [WrittenRelation] {
    locks.filter { $0.mode.blocksWrites }.compactMap { lock in
      guard !facts.relations.values.contains(where: { $0.qualifiedName == lock.relation }),
        let name = facts.names.values.first(where: { $0.qualifiedName == lock.relation })
      else { return nil }
      return WrittenRelation(schema: name.schema, name: name.name)
    }
  }

  /// All partitions and children get the same lock.
  mutating func lockTree(_ relation: ChangeFacts.Relation, _ mode: LockMode) {
    let count = relation.children
    lock(
      relation.qualifiedName, mode,
      because: count > 0 ? "and on its \(count) partitions or children" : nil)
  }
}
