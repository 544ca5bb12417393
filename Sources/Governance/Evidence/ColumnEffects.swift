// ALTER TABLE … ADD COLUMN and ALTER COLUMN … TYPE: whether the table is written anew.

import Database
import SQLSyntax

extension ChangeEffects {
  mutating func addColumn(
    _ definition: Node?, to relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    guard let definition else { return nil }
    var effect = SubcommandEffect(.accessExclusive, .catalogOnly, "the rows that are there stay as they are")
    func raise(_ kind: TableWork.Kind, _ reason: String) {
      if effect.kind < kind { effect = SubcommandEffect(.accessExclusive, kind, reason) }
    }
    let constraints = definition.children(.constraints)
    let hasDefault = constraints.contains { $0.symbol(.contype) == .CONSTR_DEFAULT }
    let type = WrittenType(definition.child(.typeName))
    if ["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"].contains(type.name) {
      raise(.rewrite, "each row gets a number of its own")
    }
    if facts.domains[type.name] == true { raise(.rewrite, "the type is a domain with conditions") }
    for constraint in constraints {
      switch constraint.symbol(.contype) {
      case .CONSTR_DEFAULT:
        if let reason = Self.changes(constraint.child(.rawExpr), facts) { raise(.rewrite, reason) }
      case .CONSTR_GENERATED:
        let isVirtual = constraint.text(.generatedKind) == "v"
        if !isVirtual { raise(.rewrite, "a generated column is computed for every row") }
      case .CONSTR_IDENTITY: raise(.rewrite, "each row gets a number of its own")
      // A default is no NULL, and without one a single row is enough to fail.
      case .CONSTR_NOTNULL where !hasDefault: raise(.scan, "rows that are there have no value for it")
      case .CONSTR_CHECK: raise(.scan, "every row is checked")
      case .CONSTR_UNIQUE, .CONSTR_PRIMARY, .CONSTR_EXCLUSION: raise(.indexBuild, "an index is built")
      case .CONSTR_FOREIGN:
        // Without a default all its values are NULL, and nothing has to be looked up.
        if hasDefault { raise(.scan, "every row is looked up in the other table") }
        lockReferenced(constraint, facts)
      default: continue
      }
    }
    return effect
  }

  mutating func lockReferenced(_ constraint: Node, _ facts: ChangeFacts) {
    guard let other = find(constraint.child(.pktable), in: facts) else { return }
    lock(other.qualifiedName, .shareRowExclusive, because: "a foreign key refers to it")
  }

  /// Why a default has another value for each row; nil: it has one for all, which is stored once.
  static func changes(_ expression: Node?, _ facts: ChangeFacts) -> String? {
    guard let expression else { return nil }
    for call in expression.all(.funcCall) {
      guard let name = call.children(.funcname).last?.text(.sval) else { continue }
      guard let isVolatile = facts.volatileFunctions[name] else { return "the function \(name) is not known" }
      if isVolatile { return "\(name)() gives each row a value of its own" }
    }
    return nil
  }

  mutating func changeType(
    _ command: Node, of relation: ChangeFacts.Relation, _ facts: ChangeFacts
  ) -> SubcommandEffect? {
    guard let definition = command.child(.def) else { return nil }
    let name = command.text(.name)
    let new = WrittenType(definition.child(.typeName))
    guard let column = facts.columns(of: relation.id).first(where: { $0.name == name }) else {
      return SubcommandEffect(.accessExclusive, .rewrite, "the column is not known, so the worst is assumed")
    }
    lockForeignKeys(of: name, relation, facts)
    if let using = definition.child(.rawDefault), !Self.isColumn(using, name) {
      return SubcommandEffect(.accessExclusive, .rewrite, "USING computes every row anew")
    }
    let old = WrittenType(column.type)
    guard TypeChange.isFree(from: old, to: new, timeZone: facts.server?.timeZone ?? "") else {
      return SubcommandEffect(.accessExclusive, .rewrite, "\(column.type) and \(new.text) are stored differently")
    }
    let isChecked = facts.constraints(of: relation.id).contains { $0.kind == "c" && $0.columns.contains(name) }
    if isChecked {
      return SubcommandEffect(.accessExclusive, .scan, "stored alike; but CHECK constraints on it are checked again")
    }
    if new.keepsIndexes(of: old) || !facts.indexes(of: relation.id).contains(where: { $0.definition.contains(name) }) {
      return SubcommandEffect(.accessExclusive, .catalogOnly, "\(column.type) and \(new.text) are stored alike")
    }
    return SubcommandEffect(.accessExclusive, .indexBuild, "stored alike, but its indexes are built anew")
  }

  private mutating func lockForeignKeys(of column: String, _ relation: ChangeFacts.Relation, _ facts: ChangeFacts) {
    for constraint in facts.constraints where constraint.kind == "f" {
      if constraint.relation == relation.id, constraint.columns.contains(column), let other = constraint.referenced,
        other != relation.id
      {
        lock(facts.name(of: other), .accessExclusive, because: "the foreign key \(constraint.name) is made anew")
      }
      if constraint.referenced == relation.id, constraint.referencedColumns.contains(column),
        constraint.relation != relation.id
      {
        lock(
          facts.name(of: constraint.relation), .accessExclusive,
          because: "its foreign key \(constraint.name) is made anew")
      }
    }
  }

  private static func isColumn(_ expression: Node, _ name: String) -> Bool {
    expression.kind == .columnRef && expression.children(.fields).last?.text(.sval) == name
  }
}

/// A type as it is written, or as `format_type` writes it.
struct WrittenType: Equatable {
  /// PostgreSQL's internal name: `varchar`, `int4`.
  private(set) var name: String
  private(set) var modifiers: [Int]
  private(set) var isArray = false
  private(set) var text: String

  private static let spellings: [String: String] = [
    "character varying": "varchar", "character": "bpchar", "char": "bpchar", "integer": "int4", "int": "int4",
    "bigint": "int8", "smallint": "int2", "boolean": "bool", "double precision": "float8", "real": "float4",
    "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz",
    "time without time zone": "time", "time with time zone": "timetz", "bit varying": "varbit", "decimal": "numeric",
  ]

  private static let shown: [String: String] = [
    "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean", "float8": "double precision",
    "float4": "real",
  ]

  init(_ node: Node?) {
    name = node?.children(.names).last?.text(.sval) ?? ""
    modifiers =
      node?.children(.typmods).compactMap { modifier in
        modifier.child(.val)?.integer(.ival) ?? (modifier.kind == .aConst ? modifier.child(.ival)?.integer(.ival) : nil)
      } ?? []
    isArray = !(node?.children(.arrayBounds).isEmpty ?? true)
    text = Self.shown[name] ?? name
    if !modifiers.isEmpty { text += "(\(modifiers.map { "\($0)" }.joined(separator: ",")))" }
    if isArray { text += "[]" }
  }

  init(_ formatted: String) {
    text = formatted
    var words = formatted
    if words.hasSuffix("[]") {
      isArray = true
      words.removeLast(2)
    }
    modifiers = []
    if let open = words.firstIndex(of: "("), let close = words.firstIndex(of: ")"), open < close {
      modifiers = words[words.index(after: open)..<close].split(separator: ",").compactMap { Int($0) }
      words = String(words[..<open]) + String(words[words.index(after: close)...])
    }
    name = Self.spellings[words] ?? words
    if name.hasPrefix("interval") { name = "interval" }
  }

  /// The operators of their indexes are the same.
  func keepsIndexes(of other: WrittenType) -> Bool {
    let texts: Set<String> = ["text", "varchar"]
    return name == other.name || texts.contains(name) && texts.contains(other.name)
  }
}

/// Which changes of type leave the rows as they are: those whose cast does nothing, and those whose length function says
/// that it does nothing (`prosupport`).
enum TypeChange {
  static func isFree(from old: WrittenType, to new: WrittenType, timeZone: String) -> Bool {
    if old.isArray || new.isArray {
      return old.isArray && new.isArray && old.name == new.name && old.modifiers == new.modifiers
    }
    if old.name == new.name { return isWidening(old, new) }
    switch (old.name, new.name) {
    case ("varchar", "text"), ("bpchar", "bpchar"): return true
    case ("text", "varchar"): return new.modifiers.isEmpty
    case ("cidr", "inet"), ("xml", "text"), ("xml", "varchar"): return new.modifiers.isEmpty
    case ("int4", "oid"), ("oid", "int4"): return true
    case ("timestamp", "timestamptz"), ("timestamptz", "timestamp"):
      return old.modifiers == new.modifiers && ["UTC", "GMT", "Etc/UTC"].contains(timeZone)
    default: return false
    }
  }

  private static func isWidening(_ old: WrittenType, _ new: WrittenType) -> Bool {
    if old.modifiers == new.modifiers { return true }
    switch new.name {
    case "varchar", "varbit":
      guard let length = new.modifiers.first else { return true }
      return old.modifiers.first.map { $0 <= length } ?? false
    case "numeric":
      guard let precision = new.modifiers.first else { return true }
      guard let before = old.modifiers.first else { return false }
      let scale = new.modifiers.count > 1 ? new.modifiers[1] : 0
      return before <= precision && (old.modifiers.count > 1 ? old.modifiers[1] : 0) == scale
    case "timestamp", "timestamptz", "time", "timetz", "interval":
      guard let digits = new.modifiers.first else { return true }
      return digits >= 6 || old.modifiers.first.map { $0 <= digits } ?? false
    default: return false
    }
  }
}
