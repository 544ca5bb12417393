// ALTER TABLE's constraints and partitions: what is checked, and which other tables are locked for it.

import Database
import SQLSyntax

extension ChangeEffects {
  mutating func addConstraint(
    _ constraint: Node?, to relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    guard let constraint, let kind = constraint.symbol(.contype) else { return nil }
    let isUnchecked = constraint.flag(.skipValidation) && !constraint.flag(.initiallyValid)
    switch kind {
    case .CONSTR_FOREIGN:
      lockReferenced(constraint, facts)
      if isUnchecked {
        return SubcommandEffect(.shareRowExclusive, .catalogOnly, "NOT VALID: rows that are there are not checked")
      }
      return SubcommandEffect(.shareRowExclusive, .scan, "every row is looked up in the other table")
    case .CONSTR_CHECK:
      return isUnchecked
        ? SubcommandEffect(.accessExclusive, .catalogOnly, "NOT VALID: rows that are there are not checked")
        : SubcommandEffect(.accessExclusive, .scan, "every row is checked")
    case .CONSTR_UNIQUE, .CONSTR_PRIMARY, .CONSTR_EXCLUSION: return addIndexed(constraint, kind, to: relation, facts)
    case .CONSTR_NOTNULL:
      return isUnchecked
        ? SubcommandEffect(.accessExclusive, .catalogOnly, "NOT VALID: rows that are there are not checked")
        : SubcommandEffect(.accessExclusive, .scan, "every row is looked at for NULLs")
    default: return nil
    }
  }

  private mutating func addIndexed(
    _ constraint: Node, _ kind: Symbol, to relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect {
    let index = constraint.text(.indexname)
    guard !index.isEmpty else {
      return SubcommandEffect(.accessExclusive, .indexBuild, "its index is built while everybody waits")
    }
    let known = facts.indexes(of: relation.id).first { $0.name == index }
    let nullable = facts.columns(of: relation.id).filter { column in
      known?.columns.contains(column.name) == true && !column.isNotNull
    }
    if kind == .CONSTR_PRIMARY, !nullable.isEmpty || known == nil {
      return SubcommandEffect(.accessExclusive, .scan, "its columns become NOT NULL: every row is looked at")
    }
    return SubcommandEffect(.accessExclusive, .catalogOnly, "the index is there already")
  }

  mutating func dropConstraint(
    _ name: String, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect {
    let constraint = facts.constraints(of: relation.id).first { $0.name == name }
    if let other = constraint?.referenced, other != relation.id {
      lock(facts.name(of: other), .accessExclusive, because: "the foreign key's triggers on it are removed")
    }
    if let index = constraint?.index, constraint?.kind != "f" {
      lock(
        facts.indexes.first { $0.id == index }?.qualifiedName ?? facts.name(of: index), .accessExclusive,
        because: "the constraint's index goes too")
      return SubcommandEffect(.accessExclusive, .removal, "the constraint's index goes too")
    }
    return SubcommandEffect(.accessExclusive, .catalogOnly, "a change of the catalog")
  }

  mutating func validate(
    _ name: String, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect {
    let constraint = facts.constraints(of: relation.id).first { $0.name == name }
    if constraint?.isValid == true {
      return SubcommandEffect(.shareUpdateExclusive, .catalogOnly, "it is valid already")
    }
    if let other = constraint?.referenced, other != relation.id {
      lock(facts.name(of: other), .rowShare, because: "each key is looked up in it")
    }
    return SubcommandEffect(.shareUpdateExclusive, .scan, "every row is checked, while others read and write")
  }

  mutating func attach(
    _ command: Node, to relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    guard let part = command.child(.def)?.child(.name) else { return nil }
    if relation.isIndex {
      if let index = find(part, in: facts) { lock(index.qualifiedName, .accessExclusive, because: "it is attached") }
      return SubcommandEffect(.shareUpdateExclusive, .catalogOnly, "a change of the catalog")
    }
    guard let child = find(part, in: facts) else {
      return SubcommandEffect(.shareUpdateExclusive, .catalogOnly, "a change of the catalog")
    }
    lock(child.qualifiedName, .accessExclusive, because: "it is attached")
    let isProven = facts.constraints(of: child.id).contains { $0.kind == "c" && $0.isValid }
    work(
      child.qualifiedName, .scan,
      isProven
        ? "every row is checked against the bound, unless its CHECK constraints prove it"
        : "every row is checked against the bound: there is no CHECK constraint that proves it")
    return SubcommandEffect(.shareUpdateExclusive, .catalogOnly, "a change of the catalog")
  }

  mutating func detach(
    _ command: Node, from relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    let partition = command.child(.def)
    let isConcurrent = partition?.flag(.concurrent) ?? false
    let isFinal = command.symbol(.subtype) == .AT_DetachPartitionFinalize
    if isConcurrent { isTransactional = false }
    if let child = find(partition?.child(.name), in: facts) {
      lock(
        child.qualifiedName, facts.version >= 140_000 ? .accessExclusive : .shareUpdateExclusive,
        because: "it is detached")
    }
    return SubcommandEffect(
      isConcurrent || isFinal ? .shareUpdateExclusive : .accessExclusive, .catalogOnly,
      isConcurrent ? "waits for transactions that use the partition" : "a change of the catalog")
  }
}
