// What a reviewer should not have to find alone: few rules, each about this database and this statement.

import Database
import SQLSyntax

struct LintRules {
  let statement: Statement
  let facts: ChangeFacts

  private var node: Node { statement.node }

  private var target: ChangeFacts.Relation? {
    node.child(.relation).flatMap { facts.relation(ChangeReader.relation($0)) }
  }

  /// The gravest first.
  var findings: [LintFinding] {
    var found: [LintFinding] = []
    switch node.kind {
    case .updateStmt, .deleteStmt: found += everyRow
    case .truncateStmt: found += truncate
    case .dropStmt: found += drop
    case .renameStmt: found += rename
    case .createStmt: found += node.all(.columnDef).flatMap(types) + foreignKeys(of: nil, indexed: createdIndexes)
    case .indexStmt: found += duplicate
    case .alterTableStmt:
      for command in node.children(.cmds) { found += alter(command) }
    default: break
    }
    var once: [LintFinding] = []
    for finding in found where !once.contains(finding) { once.append(finding) }
    return once.enumerated().sorted { left, right in
      left.element.severity == right.element.severity
        ? left.offset < right.offset : left.element.severity > right.element.severity
    }.map(\.element)
  }

  private var everyRow: [LintFinding] {
    guard node.child(.whereClause) == nil else { return [] }
    let isJoined = !node.children(.fromClause).isEmpty || !node.children(.usingClause).isEmpty
    let word = node.kind == .updateStmt ? "UPDATE" : "DELETE"
    return [
      LintFinding(
        "no-where", isJoined ? .warning : .danger,
        "\(word) without WHERE changes every row\(isJoined ? " that joins" : "")",
        wayOut: "Add a WHERE, or WHERE true to say that all are meant.")
    ]
  }

  private var truncate: [LintFinding] {
    guard node.symbol(.behavior) == .DROP_CASCADE else { return [] }
    let targets = node.children(.relations).compactMap { facts.relation(ChangeReader.relation($0))?.id }
    let others = facts.constraints.filter { constraint in
      constraint.kind == "f" && constraint.referenced.map(targets.contains) == true
        && !targets.contains(constraint.relation)
    }.map { facts.name(of: $0.relation) }
    let named =
      others.isEmpty
      ? "tables that refer to it, of which there are none now" : Set(others).sorted().joined(separator: ", ")
    return [
      LintFinding(
        "truncate-cascade", .danger, "CASCADE also empties \(named)", wayOut: "Name the tables, and leave CASCADE out.")
    ]
  }

  private var drop: [LintFinding] {
    var found: [LintFinding] = []
    for relation in ChangeReader.named(by: node).compactMap({ facts.relation($0) })
    where ChangeReader.relationKinds.contains(node.symbol(.removeType) ?? .OBJECT_TYPE) {
      if relation.isTable, let rows = facts.rows(of: relation), rows > 0 {
        found.append(
          LintFinding(
            "drop-with-rows", .danger, "\(relation.qualifiedName) has about \(Int64(rows)) rows",
            wayOut: "Rename it first, and drop it when nobody has missed it."))
      }
      let views = Set(facts.dependents.filter { $0.relation == relation.id }.map(\.qualifiedName)).sorted()
      let tables = facts.constraints.filter { $0.referenced == relation.id && $0.relation != relation.id }
        .map { facts.name(of: $0.relation) }
      let others = views + Set(tables).sorted()
      guard !others.isEmpty else { continue }
      let isCascading = node.symbol(.behavior) == .DROP_CASCADE
      found.append(
        LintFinding(
          "drop-with-dependents", isCascading ? .danger : .warning,
          isCascading
            ? "CASCADE takes along what is needed by \(others.joined(separator: ", "))"
            : "it will fail: \(others.joined(separator: ", ")) depend on \(relation.qualifiedName)"))
    }
    return found
  }

  private var rename: [LintFinding] {
    guard let target, [.OBJECT_TABLE, .OBJECT_COLUMN, .OBJECT_VIEW].contains(node.symbol(.renameType)) else {
      return []
    }
    let isColumn = node.symbol(.renameType) == .OBJECT_COLUMN
    let what = isColumn ? "the column \(node.text(.subname)) of \(target.qualifiedName)" : target.qualifiedName
    return [
      LintFinding(
        "rename", .warning, "statements that name \(what) fail from that moment on",
        wayOut: isColumn
          ? "Add a column with the new name and keep both for a while."
          : "Put a view with the old name in its place, in the same transaction.")
    ]
  }

  private var duplicate: [LintFinding] {
    guard let target, node.child(.whereClause) == nil else { return [] }
    let columns = node.children(.indexParams).map { $0.text(.name) }
    guard !columns.isEmpty, !columns.contains("") else { return [] }
    let isUnique = node.flag(.unique)
    let method = node.text(.accessMethod).isEmpty ? "btree" : node.text(.accessMethod)
    let same = facts.indexes(of: target.id).first { index in
      index.isPlain && index.isValid && index.method == method && index.columns.starts(with: columns)
        && (index.columns.count == columns.count ? index.isUnique || !isUnique : !isUnique && method == "btree")
    }
    guard let same, node.children(.indexParams).allSatisfy({ $0.children(.opclass).isEmpty }) else { return [] }
    let isExact = same.columns.count == columns.count
    return [
      LintFinding(
        "duplicate-index", .warning,
        isExact ? "\(same.qualifiedName) has the same columns" : "\(same.qualifiedName) begins with the same columns")
    ]
  }

  // MARK: - ALTER TABLE and CREATE TABLE

  private func alter(_ command: Node) -> [LintFinding] {
    let definition = command.child(.def)
    let name = command.text(.name)
    switch command.symbol(.subtype) {
    case .AT_AddColumn: return definition.map { types($0) + added($0) + referring($0) } ?? []
    case .AT_AddConstraint:
      guard let definition, definition.symbol(.contype) == .CONSTR_FOREIGN else { return [] }
      return foreignKeys(of: target, indexed: [])
    case .AT_DropColumn: return dropColumn(name)
    case .AT_AlterColumnType: return changeType(name, definition)
    default: return []
    }
  }

  private func added(_ column: Node) -> [LintFinding] {
    let kinds = column.children(.constraints).compactMap { $0.symbol(.contype) }
    let fills: Set<Symbol> = [.CONSTR_DEFAULT, .CONSTR_IDENTITY, .CONSTR_GENERATED]
    guard kinds.contains(.CONSTR_NOTNULL) || kinds.contains(.CONSTR_PRIMARY), fills.isDisjoint(with: kinds),
      let target, (facts.rows(of: target) ?? 1) > 0,
      !["serial", "bigserial", "smallserial"].contains(WrittenType(column.child(.typeName)).name)
    else { return [] }
    return [
      LintFinding(
        "not-null-without-default", .danger,
        "\(column.text(.colname)) is NOT NULL without a default: it fails as soon as \(target.qualifiedName) has a row",
        wayOut: "Give it a DEFAULT, or add it without NOT NULL and fill it first.")
    ]
  }

  private func referring(_ column: Node) -> [LintFinding] {
    let refers = column.children(.constraints).contains { $0.symbol(.contype) == .CONSTR_FOREIGN }
    return refers ? foreignKeys(of: target, indexed: createdIndexes) : []
  }

  private func types(_ column: Node) -> [LintFinding] {
    let type = WrittenType(column.child(.typeName)).name
    let name = column.text(.colname)
    let isKey = column.children(.constraints).contains { $0.symbol(.contype) == .CONSTR_PRIMARY }
    var found: [LintFinding] = []
    if isKey, ["int4", "serial", "serial4", "int2", "smallserial", "serial2"].contains(type) {
      found.append(
        LintFinding(
          "small-key", .hint,
          "the key \(name) ends at \(type.contains("2") || type.hasPrefix("small") ? "32,767" : "2,147,483,647")",
          wayOut: "Use bigint: changing it later rewrites the table."))
    }
    if type == "timestamp" {
      found.append(
        LintFinding(
          "timestamp-without-zone", .hint, "\(name) says nothing of the time zone it is in", wayOut: "Use timestamptz.")
      )
    }
    return found
  }

  private func dropColumn(_ name: String) -> [LintFinding] {
    guard let target else { return [] }
    var others = facts.dependents.filter { $0.relation == target.id && $0.column == name }.map(\.qualifiedName)
    others += facts.indexes(of: target.id).filter { $0.columns.contains(name) }.map(\.qualifiedName)
    others += facts.constraints.filter { $0.relation == target.id && $0.kind == "f" && $0.columns.contains(name) }
      .map { "the foreign key \($0.name)" }
    let after = others.isEmpty ? "" : "; \(Set(others).sorted().joined(separator: ", ")) depend on it"
    return [
      LintFinding(
        "drop-column", others.isEmpty ? .warning : .danger, "the content of \(name) is lost\(after)",
        wayOut: "Deploy what does not use it first.")
    ]
  }

  private func changeType(_ name: String, _ definition: Node?) -> [LintFinding] {
    guard let target, let column = facts.columns(of: target.id).first(where: { $0.name == name }) else { return [] }
    let (old, new) = (WrittenType(column.type), WrittenType(definition?.child(.typeName)))
    let order = ["int2", "int4", "int8", "numeric"]
    let isNarrower =
      order.firstIndex(of: old.name).flatMap { left in order.firstIndex(of: new.name).map { $0 < left } } ?? false
    let isShorter =
      ["varchar", "bpchar"].contains(new.name)
      && new.modifiers.first.map { ($0) < (old.modifiers.first ?? .max) } ?? false
    let isCoarser =
      old.name.hasPrefix("timestamp") && new.name == "date" || old.name == "float8" && new.name == "float4"
    guard isNarrower || isShorter || isCoarser else { return [] }
    return [
      LintFinding(
        "narrower-type", .warning,
        "\(new.text) holds less than \(column.type): values that do not fit fail, or are rounded")
    ]
  }

  private var createdIndexes: [[String]] {
    let inTable = node.all(.constraint).filter { [.CONSTR_PRIMARY, .CONSTR_UNIQUE].contains($0.symbol(.contype)) }
      .map { $0.children(.keys).map { $0.text(.sval) } }
    let inColumns = node.all(.columnDef).filter { column in
      column.children(.constraints).contains { [.CONSTR_PRIMARY, .CONSTR_UNIQUE].contains($0.symbol(.contype)) }
    }.map { [$0.text(.colname)] }
    return inTable + inColumns
  }

  /// New ones whose columns begin no index: each DELETE of the other table reads all of this one.
  private func foreignKeys(of table: ChangeFacts.Relation?, indexed: [[String]]) -> [LintFinding] {
    let known = indexed + (table.map { facts.indexes(of: $0.id).filter { !$0.isPartial }.map(\.columns) } ?? [])
    var keys = node.all(.constraint).filter { $0.symbol(.contype) == .CONSTR_FOREIGN }
      .map { $0.children(.fkAttrs).map { $0.text(.sval) } }
    keys += node.all(.columnDef).filter { column in
      column.children(.constraints).contains { $0.symbol(.contype) == .CONSTR_FOREIGN }
    }.map { [$0.text(.colname)] }
    return keys.filter { key in !key.isEmpty && !known.contains { Set($0.prefix(key.count)) == Set(key) } }.map { key in
      LintFinding(
        "foreign-key-without-index", .warning,
        "no index begins with \(key.joined(separator: ", ")): each DELETE or key change there reads all of this table",
        wayOut: "Create one on \(key.map(quotedIdentifier).joined(separator: ", ")).")
    }
  }
}
