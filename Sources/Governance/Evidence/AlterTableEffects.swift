// ALTER TABLE: the lock and the work of each subcommand.
// https://www.postgresql.org/docs/current/sql-altertable.html, and AlterTableGetLockLevel in tablecmds.c.

import Database
import SQLSyntax

/// What one subcommand asks for.
struct SubcommandEffect {
  var mode: LockMode
  var kind: TableWork.Kind
  var reason: String

  init(_ mode: LockMode, _ kind: TableWork.Kind, _ reason: String) {
    self.mode = mode
    self.kind = kind
    self.reason = reason
  }
}

extension ChangeEffects {
  mutating func readAlterTable(_ node: Node, _ facts: ChangeFacts) {
    let kind = node.symbol(.objtype)
    action = kind == .OBJECT_INDEX ? "ALTER INDEX" : kind == .OBJECT_VIEW ? "ALTER VIEW" : "ALTER TABLE"
    if kind == .OBJECT_MATVIEW { action = "ALTER MATERIALIZED VIEW" }
    if kind == .OBJECT_SEQUENCE { action = "ALTER SEQUENCE" }
    if kind == .OBJECT_TYPE { return }
    guard let relation = find(node.child(.relation), in: facts) else { return }
    for command in node.children(.cmds) {
      guard let effect = subcommand(command, of: relation, facts) else {
        assumeTheWorst(relation.qualifiedName, "the effect of this subcommand is not known")
        continue
      }
      lockTree(relation, effect.mode)
      work(relation.qualifiedName, effect.kind, effect.reason)
    }
  }

  private mutating func subcommand(
    _ command: Node, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    guard let subtype = command.symbol(.subtype) else { return nil }
    if let fixed = Self.fixed[subtype] { return fixed }
    switch subtype {
    case .AT_AddColumn: return addColumn(command.child(.def), to: relation, facts)
    case .AT_AlterColumnType: return changeType(command, of: relation, facts)
    case .AT_SetNotNull: return setNotNull(command.text(.name), of: relation, facts)
    case .AT_AddConstraint: return addConstraint(command.child(.def), to: relation, facts)
    case .AT_DropConstraint: return dropConstraint(command.text(.name), of: relation, facts)
    case .AT_ValidateConstraint: return validate(command.text(.name), of: relation, facts)
    case .AT_DropColumn: return dropColumn(command.text(.name), of: relation, facts)
    case .AT_AttachPartition: return attach(command, to: relation, facts)
    case .AT_DetachPartition, .AT_DetachPartitionFinalize: return detach(command, from: relation, facts)
    case .AT_SetRelOptions, .AT_ResetRelOptions, .AT_ReplaceRelOptions: return options(command, of: relation)
    case .AT_AddInherit, .AT_DropInherit: return inherit(command, subtype, facts)
    case .AT_SetTableSpace:
      return SubcommandEffect(.accessExclusive, .rewrite, "all files are copied into the other tablespace")
    case .AT_SetLogged, .AT_SetUnLogged:
      let isSame = (relation.persistence == "p") == (subtype == .AT_SetLogged)
      return SubcommandEffect(
        .accessExclusive, isSame ? .catalogOnly : .rewrite,
        isSame ? "it is so already" : "the table is written anew, with its indexes")
    default: return nil
    }
  }

  /// Those whose effect depends on nothing.
  private static let fixed: [Symbol: SubcommandEffect] = {
    var table: [Symbol: SubcommandEffect] = [:]
    func add(_ mode: LockMode, _ reason: String, _ subtypes: [Symbol]) {
      for subtype in subtypes { table[subtype] = SubcommandEffect(mode, .catalogOnly, reason) }
    }
    add(
      .accessExclusive, "a change of the catalog",
      [
        .AT_ColumnDefault, .AT_DropNotNull, .AT_SetIdentity, .AT_DropIdentity, .AT_DropExpression, .AT_SetStorage,
        .AT_SetCompression, .AT_ReplicaIdentity, .AT_EnableRowSecurity, .AT_DisableRowSecurity, .AT_ForceRowSecurity,
        .AT_NoForceRowSecurity, .AT_ChangeOwner, .AT_EnableRule, .AT_DisableRule, .AT_EnableAlwaysRule,
        .AT_EnableReplicaRule, .AT_AddOf, .AT_DropOf, .AT_GenericOptions, .AT_AlterColumnGenericOptions,
      ])
    add(.accessExclusive, "the next rows get numbers; those that are there keep what they have", [.AT_AddIdentity])
    add(
      .shareRowExclusive, "a change of the catalog",
      [
        .AT_EnableTrig, .AT_EnableAlwaysTrig, .AT_EnableReplicaTrig, .AT_DisableTrig, .AT_EnableTrigAll,
        .AT_DisableTrigAll, .AT_EnableTrigUser, .AT_DisableTrigUser,
      ])
    add(
      .shareUpdateExclusive, "a change of the catalog",
      [.AT_SetStatistics, .AT_SetOptions, .AT_ResetOptions, .AT_ClusterOn, .AT_DropCluster])
    add(.accessExclusive, "a change of the catalog", [.AT_AlterConstraint])
    return table
  }()

  /// Those of the planner and of autovacuum disturb nobody; others change how rows are read.
  private func options(_ command: Node, of relation: ChangeFacts.Relation) -> SubcommandEffect {
    let names = command.children(.def).map { $0.text(.defname) }
    let strong: Set<String> = [
      "user_catalog_table", "security_barrier", "security_invoker", "check_option", "buffering", "fastupdate",
      "gin_pending_list_limit", "pages_per_range", "autosummarize", "deduplicate_items",
    ]
    let isStrong = names.contains { strong.contains($0) } || relation.kind == "v" || names.isEmpty
    let isIndex = relation.isIndex && names.allSatisfy { $0 == "fillfactor" || $0 == "deduplicate_items" }
    return SubcommandEffect(
      isStrong && !isIndex ? .accessExclusive : .shareUpdateExclusive, .catalogOnly,
      "applies to what is written from now on")
  }

  private mutating func inherit(_ command: Node, _ subtype: Symbol, _ facts: ChangeFacts) -> SubcommandEffect? {
    let isAdded = subtype == .AT_AddInherit
    if let parent = find(command.child(.def), in: facts) {
      lock(parent.qualifiedName, isAdded ? .shareUpdateExclusive : .accessShare, because: "the parent")
    }
    return SubcommandEffect(.accessExclusive, .catalogOnly, "a change of the catalog")
  }

  private func setNotNull(
    _ column: String, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect {
    let known = facts.columns(of: relation.id).first { $0.name == column }
    if known?.isNotNull == true { return SubcommandEffect(.accessExclusive, .catalogOnly, "it is NOT NULL already") }
    let quoted = quotedIdentifier(column)
    let proof = facts.constraints(of: relation.id).first { constraint in
      constraint.kind == "c" && constraint.isValid
        && ["CHECK ((\(quoted) IS NOT NULL))", "CHECK (\(quoted) IS NOT NULL)"].contains(constraint.definition)
    }
    if let proof {
      return SubcommandEffect(.accessExclusive, .catalogOnly, "the valid constraint \(proof.name) proves it")
    }
    return SubcommandEffect(.accessExclusive, .scan, "every row is looked at for NULLs")
  }

  private func dropColumn(
    _ column: String, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect {
    SubcommandEffect(.accessExclusive, .catalogOnly, "the column is hidden; its bytes stay until rows are written anew")
  }
}
