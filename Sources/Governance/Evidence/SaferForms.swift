// The same change with less waiting for others, as statements that can be run as they stand.

import Database
import SQLSyntax

struct SaferForms {
  let statement: Statement
  let effects: ChangeEffects
  let facts: ChangeFacts

  private var node: Node { statement.node }

  private var target: ChangeFacts.Relation? {
    node.child(.relation).flatMap { facts.relation(ChangeReader.relation($0)) }
  }

  var form: SaferForm? {
    switch node.kind {
    case .indexStmt: createIndex
    case .dropStmt: dropIndex
    case .reindexStmt: reindex
    case .refreshMatViewStmt: refresh
    case .alterTableStmt: alterTable ?? patient
    case .updateStmt, .deleteStmt: batches
    default: patient
    }
  }

  /// Where there is no other form, at least nobody waits long.
  private var patient: SaferForm? {
    guard effects.isTransactional, let lock = effects.locks.map(\.mode).max(), lock.blocksWrites else { return nil }
    return SaferForm(
      ["SET lock_timeout = '2s'", statement.text],
      because: "with lock_timeout nobody queues behind it for long; when it gives up (55P03), try again after a pause")
  }

  private func inserting(_ words: String, behind token: String) -> String? {
    var text = statement.text
    guard let place = Self.word(token, in: text) else { return nil }
    text.insert(contentsOf: " \(words)", at: place.upperBound)
    return text
  }

  /// The first place of a keyword, whatever its case: statements begin with theirs, in front of any string.
  private static func word(_ word: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      let rest = text[start...]
      guard let first = rest.firstIndex(where: { $0.isLetter }) else { return nil }
      let end = text[first...].firstIndex { !($0.isLetter || $0.isNumber || $0 == "_") } ?? text.endIndex
      if text[first..<end].lowercased() == word { return first..<end }
      start = end
    }
    return nil
  }

  private var createIndex: SaferForm? {
    guard !node.flag(.concurrent), let target else { return nil }
    guard target.kind == "r" || target.kind == "m" else {
      return SaferForm(
        [
          "CREATE INDEX … ON ONLY \(target.qualifiedName) …", "CREATE INDEX CONCURRENTLY … ON each partition",
          "ALTER INDEX … ATTACH PARTITION … for each",
        ],
        because: "a partitioned table takes no CONCURRENTLY; its partitions do", isComplete: false)
    }
    guard let text = inserting("CONCURRENTLY", behind: "index") else { return nil }
    return SaferForm(
      [text],
      because:
        "writes go on; it takes longer, runs outside of a transaction, and leaves an INVALID index to be dropped "
        + "if it fails")
  }

  private var dropIndex: SaferForm? {
    guard node.symbol(.removeType) == .OBJECT_INDEX, !node.flag(.concurrent), node.children(.objects).count == 1,
      let index = ChangeReader.named(by: node).first.flatMap({ facts.relation($0) }), index.kind == "i",
      facts.indexes.first(where: { $0.id == index.id })?.isOfConstraint != true,
      node.symbol(.behavior) != .DROP_CASCADE, let text = inserting("CONCURRENTLY", behind: "index")
    else { return patient }
    return SaferForm([text], because: "reads and writes go on; it runs outside of a transaction")
  }

  private var reindex: SaferForm? {
    guard effects.isTransactional, let target,
      let mode = Self.word("table", in: statement.text).map({ _ in "table" })
        ?? Self.word("index", in: statement.text).map({ _ in "index" }),
      target.persistence == "p", let text = inserting("CONCURRENTLY", behind: mode)
    else { return nil }
    return SaferForm([text], because: "reads and writes go on; it needs room for a second copy of the index")
  }

  private var refresh: SaferForm? {
    guard !node.flag(.concurrent), let target else { return nil }
    let isUnique = facts.indexes(of: target.id).contains { $0.isUnique && $0.isPlain && $0.isValid }
    guard isUnique, let text = inserting("CONCURRENTLY", behind: "view") else {
      return SaferForm(
        [
          "CREATE UNIQUE INDEX CONCURRENTLY ON \(target.qualifiedName) (…)",
          "REFRESH MATERIALIZED VIEW CONCURRENTLY \(target.qualifiedName)",
        ],
        because: "readers go on; it needs a unique index over plain columns, and there is none", isComplete: false)
    }
    return SaferForm([text], because: "readers go on while it runs")
  }

  private var batches: SaferForm? {
    guard let target, let rows = facts.rows(of: target), rows > 100_000, node.child(.whereClause) == nil else {
      return nil
    }
    let key = facts.indexes(of: target.id).first { $0.isPrimary }?.columns.first.map(quotedIdentifier) ?? "key"
    return SaferForm(
      ["\(statement.text) WHERE \(key) > :last AND \(key) <= :last + 10000"],
      because: "in batches, each in a transaction of its own: locks are short, and VACUUM keeps up", isComplete: false)
  }

  // MARK: - ALTER TABLE

  private var alterTable: SaferForm? {
    guard let target, target.kind == "r", node.children(.cmds).count == 1, let command = node.children(.cmds).first,
      let subtype = command.symbol(.subtype)
    else { return nil }
    switch subtype {
    case .AT_AddConstraint: return addConstraint(command, target)
    case .AT_SetNotNull: return setNotNull(command.text(.name), target)
    case .AT_DetachPartition: return nil
    case .AT_AlterColumnType where effects.work.contains { $0.kind == .rewrite }:
      return newColumn(command, target)
    default: return nil
    }
  }

  private func addConstraint(_ command: Node, _ target: ChangeFacts.Relation) -> SaferForm? {
    guard let constraint = command.child(.def), let kind = constraint.symbol(.contype) else { return nil }
    let isUnchecked = constraint.flag(.skipValidation) && !constraint.flag(.initiallyValid)
    switch kind {
    case .CONSTR_FOREIGN, .CONSTR_CHECK:
      guard !isUnchecked else { return patient }
      guard let name = name(of: constraint, on: target) else { return nil }
      let added = named(constraint, name) ?? statement.text
      return SaferForm(
        ["\(added) NOT VALID", "ALTER TABLE \(target.qualifiedName) VALIDATE CONSTRAINT \(quotedIdentifier(name))"],
        because: "new rows are checked at once; those that are there are checked while others read and write")
    case .CONSTR_UNIQUE, .CONSTR_PRIMARY:
      guard constraint.text(.indexname).isEmpty, let name = name(of: constraint, on: target) else { return patient }
      let keys = constraint.children(.keys).map { quotedIdentifier($0.text(.sval)) }.joined(separator: ", ")
      let isPlain =
        !keys.isEmpty && constraint.children(.including).isEmpty && !constraint.flag(.deferrable)
        && !constraint.flag(.nullsNotDistinct) && constraint.children(.options).isEmpty
      guard isPlain else { return patient }
      let index = quotedIdentifier(name)
      return SaferForm(
        [
          "CREATE UNIQUE INDEX CONCURRENTLY \(index) ON \(target.qualifiedName) (\(keys))",
          "ALTER TABLE \(target.qualifiedName) ADD CONSTRAINT \(index) "
            + "\(kind == .CONSTR_PRIMARY ? "PRIMARY KEY" : "UNIQUE") USING INDEX \(index)",
        ],
        because: "the index is built while others write; the constraint then takes it over")
    default: return nil
    }
  }

  /// As written, or as PostgreSQL would choose it, unless that is taken.
  private func name(of constraint: Node, on target: ChangeFacts.Relation) -> String? {
    let written = constraint.text(.conname)
    if !written.isEmpty { return written }
    var columns = (constraint.children(.fkAttrs) + constraint.children(.keys)).map { $0.text(.sval) }
    if constraint.symbol(.contype) == .CONSTR_CHECK, let expression = constraint.child(.rawExpr) {
      let used = Set(expression.all(.columnRef).compactMap { $0.children(.fields).last?.text(.sval) })
      columns = used.count == 1 ? Array(used) : []
    }
    let words = [target.name] + columns
    let ends: [Symbol: String] = [
      .CONSTR_FOREIGN: "fkey", .CONSTR_CHECK: "check", .CONSTR_UNIQUE: "key", .CONSTR_PRIMARY: "pkey",
    ]
    guard let kind = constraint.symbol(.contype), let end = ends[kind] else { return nil }
    let base = kind == .CONSTR_PRIMARY ? [target.name] : words
    let name = (base + [end]).joined(separator: "_")
    let isTaken =
      facts.constraints(of: target.id).contains { $0.name == name }
      || facts.indexes(of: target.id).contains { $0.name == name }
    return isTaken || name.utf8.count > 63 ? nil : name
  }

  /// The statement with the constraint's name in it, where it has none.
  private func named(_ constraint: Node, _ name: String) -> String? {
    guard constraint.text(.conname).isEmpty, let place = Self.word("add", in: statement.text) else { return nil }
    var text = statement.text
    text.insert(contentsOf: " CONSTRAINT \(quotedIdentifier(name))", at: place.upperBound)
    return text
  }

  private func setNotNull(_ column: String, _ target: ChangeFacts.Relation) -> SaferForm? {
    guard effects.work.contains(where: { $0.kind == .scan }) else { return patient }
    let (table, quoted) = (target.qualifiedName, quotedIdentifier(column))
    let name = quotedIdentifier("\(target.name)_\(column)_not_null_check")
    return SaferForm(
      [
        "ALTER TABLE \(table) ADD CONSTRAINT \(name) CHECK (\(quoted) IS NOT NULL) NOT VALID",
        "ALTER TABLE \(table) VALIDATE CONSTRAINT \(name)", "ALTER TABLE \(table) ALTER COLUMN \(quoted) SET NOT NULL",
        "ALTER TABLE \(table) DROP CONSTRAINT \(name)",
      ],
      because: "the rows are looked at while others read and write; SET NOT NULL then believes the constraint")
  }

  private func newColumn(_ command: Node, _ target: ChangeFacts.Relation) -> SaferForm {
    let (table, column) = (target.qualifiedName, command.text(.name))
    let type = WrittenType(command.child(.def)?.child(.typeName)).text
    let (old, new) = (quotedIdentifier(column), quotedIdentifier(column + "_new"))
    return SaferForm(
      [
        "ALTER TABLE \(table) ADD COLUMN \(new) \(type)",
        "-- a trigger that keeps \(new) like \(old), then UPDATE in batches, then swap the names in one transaction",
      ],
      because: "a new column, filled in batches, takes the place of the old one without a rewrite under lock",
      isComplete: false)
  }
}
