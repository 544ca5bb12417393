// The way back from a change, where there is one.

import Database
import SQLSyntax

struct UndoScripts {
  let statement: Statement
  let facts: ChangeFacts

  private var node: Node { statement.node }

  private var target: ChangeFacts.Relation? {
    node.child(.relation).flatMap { facts.relation(ChangeReader.relation($0)) }
  }

  var script: UndoScript? {
    switch node.kind {
    case .createStmt: created("TABLE", node.child(.relation))
    case .viewStmt where !node.flag(.replace): created("VIEW", node.child(.view))
    case .createSeqStmt: created("SEQUENCE", node.child(.sequence))
    case .createTableAsStmt:
      created(
        node.symbol(.objtype) == .OBJECT_MATVIEW ? "MATERIALIZED VIEW" : "TABLE", node.child(.into)?.child(.rel))
    case .indexStmt: createdIndex
    case .dropStmt: dropped
    case .alterTableStmt: altered
    case .renameStmt: renamed
    case .commentStmt: commented
    case .createTrigStmt:
      target.map { UndoScript(["DROP TRIGGER \(quotedIdentifier(node.text(.trigname))) ON \($0.qualifiedName)"]) }
    case .createPolicyStmt:
      node.child(.table).flatMap { facts.relation(ChangeReader.relation($0)) }.map {
        UndoScript(["DROP POLICY \(quotedIdentifier(node.text(.policyName))) ON \($0.qualifiedName)"])
      }
    case .updateStmt, .deleteStmt, .truncateStmt: rows
    default: nil
    }
  }

  private func created(_ kind: String, _ rangeVar: Node?) -> UndoScript? {
    guard let rangeVar else { return nil }
    let written = ChangeReader.relation(rangeVar)
    guard facts.relation(written) == nil else { return nil }
    return UndoScript(["DROP \(kind) \(written.text)"], note: "what was put into it since is lost")
  }

  private var createdIndex: UndoScript? {
    let name = node.text(.idxname)
    let concurrently = node.flag(.concurrent) ? " CONCURRENTLY" : ""
    guard !name.isEmpty, let target else {
      return UndoScript([], note: "PostgreSQL chooses the index's name: give it one, and DROP INDEX undoes it")
    }
    return UndoScript(["DROP INDEX\(concurrently) \(quotedIdentifier(target.schema)).\(quotedIdentifier(name))"])
  }

  private var dropped: UndoScript? {
    let words = node.children(.objects).first?.children(.items).map { $0.text(.sval) } ?? []
    switch node.symbol(.removeType) {
    case .OBJECT_INDEX:
      let found = ChangeReader.named(by: node).compactMap { written in
        facts.relation(written).flatMap { relation in facts.indexes.first { $0.id == relation.id } }
      }
      guard !found.isEmpty, !found.contains(where: \.isOfConstraint) else { return nil }
      return UndoScript(found.map(\.definition))
    case .OBJECT_TRIGGER:
      guard let table = ChangeReader.named(by: node).first.flatMap({ facts.relation($0) }),
        let trigger = facts.triggers.first(where: { $0.relation == table.id && $0.name == words.last })
      else { return nil }
      return UndoScript([trigger.definition], note: trigger.enabled == "O" ? nil : "it was not enabled as usual")
    case .OBJECT_TABLE, .OBJECT_MATVIEW:
      return UndoScript([], note: "there is none: rename it first, or take a dump of it with pg_dump -t")
    default: return nil
    }
  }

  private var renamed: UndoScript? {
    guard let target, node.symbol(.renameType) != .OBJECT_POLICY else { return nil }
    let (old, new) = (quotedIdentifier(node.text(.subname)), quotedIdentifier(node.text(.newname)))
    let moved = "\(quotedIdentifier(target.schema)).\(new)"
    switch node.symbol(.renameType) {
    case .OBJECT_TABLE: return UndoScript(["ALTER TABLE \(moved) RENAME TO \(quotedIdentifier(target.name))"])
    case .OBJECT_INDEX: return UndoScript(["ALTER INDEX \(moved) RENAME TO \(quotedIdentifier(target.name))"])
    case .OBJECT_VIEW: return UndoScript(["ALTER VIEW \(moved) RENAME TO \(quotedIdentifier(target.name))"])
    case .OBJECT_COLUMN where node.symbol(.relationType) == .OBJECT_TABLE:
      return UndoScript(["ALTER TABLE \(target.qualifiedName) RENAME COLUMN \(new) TO \(old)"])
    case .OBJECT_TABCONSTRAINT:
      return UndoScript(["ALTER TABLE \(target.qualifiedName) RENAME CONSTRAINT \(new) TO \(old)"])
    default: return nil
    }
  }

  private var commented: UndoScript? {
    guard let object = node.child(.object),
      let relation = ChangeReader.named(by: node).first.flatMap({ facts.relation($0) })
    else { return nil }
    let words = object.children(.items).map { $0.text(.sval) }
    switch node.symbol(.objtype) {
    case .OBJECT_TABLE:
      return UndoScript(["COMMENT ON TABLE \(relation.qualifiedName) IS \(Self.literal(relation.comment))"])
    case .OBJECT_COLUMN:
      guard let column = facts.columns(of: relation.id).first(where: { $0.name == words.last }) else { return nil }
      return UndoScript([
        "COMMENT ON COLUMN \(relation.qualifiedName).\(quotedIdentifier(column.name)) IS \(Self.literal(column.comment))"
      ])
    default: return nil
    }
  }

  /// Safe whatever `standard_conforming_strings` says.
  private static func literal(_ text: String?) -> String { text.map(quotedText) ?? "NULL" }

  private var rows: UndoScript? {
    guard let table = node.child(.relation) ?? node.children(.relations).first,
      let target = facts.relation(ChangeReader.relation(table))
    else { return nil }
    guard node.kind != .truncateStmt, node.child(.whereClause) != nil, node.children(.usingClause).isEmpty,
      node.children(.fromClause).isEmpty
    else {
      return UndoScript([], note: "there is none: take a copy of the rows of \(target.qualifiedName) first")
    }
    return UndoScript([], note: "there is none: take a copy of the rows first, by a SELECT with the same WHERE")
  }

  // MARK: - ALTER TABLE

  /// In reverse, and only if each part has a way back.
  private var altered: UndoScript? {
    guard let target, target.kind == "r" || target.kind == "p" else { return nil }
    var statements: [String] = []
    var notes: [String] = []
    for command in node.children(.cmds).reversed() {
      guard let part = part(command, target) else {
        return UndoScript([], note: "there is none for all of it")
      }
      statements += part.statements.map { "ALTER TABLE \(target.qualifiedName) \($0)" }
      if let note = part.note { notes.append(note) }
    }
    return UndoScript(statements, note: notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  private func part(_ command: Node, _ target: ChangeFacts.Relation) -> UndoScript? {
    let name = command.text(.name)
    let column = facts.columns(of: target.id).first { $0.name == name }
    let quoted = quotedIdentifier(name)
    switch command.symbol(.subtype) {
    case .AT_AddColumn:
      guard let added = command.child(.def)?.text(.colname), !command.flag(.missingOk) else { return nil }
      return UndoScript(["DROP COLUMN \(quotedIdentifier(added))"], note: "what was written into it since is lost")
    case .AT_ColumnDefault:
      guard let column, !column.isGenerated else { return nil }
      let old = column.defaultText.map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT"
      return UndoScript(["ALTER COLUMN \(quoted) \(old)"])
    case .AT_SetNotNull:
      guard let column else { return nil }
      return UndoScript(column.isNotNull ? [] : ["ALTER COLUMN \(quoted) DROP NOT NULL"])
    case .AT_DropNotNull:
      guard let column else { return nil }
      return UndoScript(
        column.isNotNull ? ["ALTER COLUMN \(quoted) SET NOT NULL"] : [], note: "fails if NULLs were written since")
    case .AT_AddConstraint:
      let written = command.child(.def)?.text(.conname) ?? ""
      guard !written.isEmpty else { return nil }
      return UndoScript(["DROP CONSTRAINT \(quotedIdentifier(written))"])
    case .AT_DropConstraint:
      guard let old = facts.constraints(of: target.id).first(where: { $0.name == name }),
        command.symbol(.behavior) != .DROP_CASCADE
      else { return nil }
      return UndoScript(
        ["ADD CONSTRAINT \(quoted) \(old.definition)"], note: "all rows are checked again, and must pass")
    case .AT_DropColumn: return UndoScript([], note: "there is none: the column's content is gone")
    case .AT_ValidateConstraint: return UndoScript([], note: "a validated constraint needs no way back")
    case .AT_EnableRowSecurity: return UndoScript(["DISABLE ROW LEVEL SECURITY"])
    case .AT_DisableRowSecurity: return UndoScript(["ENABLE ROW LEVEL SECURITY"])
    default: return nil
    }
  }
}
