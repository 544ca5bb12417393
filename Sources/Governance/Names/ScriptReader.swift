// Definitions of a script, followed one after the other: relations.

import Database
import SQLSyntax

/// Follows definitions one after the other.
struct ScriptReader: Sendable {
  var functions: [FunctionEntry] = []
  var types: [TypeEntry] = []
  private(set) var relations: [RelationEntry] = []
  private(set) var path = ["public"]
  private(set) var allSchemas = ["public"]
  private(set) var notes: [String] = []
  var operators: [ScriptedOperator] = []
  /// Of each operator class of the script, what it names: planning and sorting lead from one to the others.
  var classes: [(operators: Set<String>, functions: [[String]])] = []
  var castFunctions: [(entry: CastEntry, function: [String])] = []
  /// Names of the classes that the script defines, and what it gives to built-in types by default.
  var operatorClasses: Set<String> = []
  var defaultClasses: [OperatorClassEntry] = []
  private var lastID: UInt32 = 100_000

  mutating func read(_ statement: Statement) { read(statement.node, text: statement.text) }

  private mutating func read(_ node: Node, text: String) {
    switch node.kind {
    case .createSchemaStmt:
      allSchemas.append(node.text(.schemaname))
      for element in node.children(.schemaElts) { read(element, text: text) }
    case .variableSetStmt where node.text(.name) == "search_path": setPath(node)
    case .createStmt, .createForeignTableStmt: table(node)
    case .createTableAsStmt:
      if let target = node.child(.into)?.child(.rel) { relation(target, .table, columns: []) }
    case .viewStmt:
      if let view = node.child(.view) {
        relation(view, .view, columns: [], definition: Self.query(in: text))
        let meant = node.child(.query).map { meantHere(StatementReader.mentions(ofPart: $0)) } ?? []
        if !meant.isEmpty { amend(view) { $0.readExpressions.append("ROW(\(meant.joined(separator: ", ")))") } }
      }
    case .createSeqStmt:
      if let sequence = node.child(.sequence) { relation(sequence, .sequence, columns: []) }
    case .createFunctionStmt: function(node, text)
    case .createEnumStmt: type(node.children(.typeName), .enumeration)
    case .createRangeStmt: range(node)
    case .compositeTypeStmt:
      let columns = node.child(.typevar)?.text(.relname) ?? ""
      type([Node(.string, [(.sval, .text(columns))])], .composite, madeOf: madeOf(node.children(.coldeflist)))
    case .createDomainStmt:
      domain(node)
    case .createOpClassStmt: operatorClass(node)
    case .indexStmt: index(node)
    case .createStatsStmt:
      let expressions = node.children(.exprs).compactMap { $0.child(.expr).map(imitation) }
      amend(node.children(.relations).first) { $0.readExpressions += expressions }
    case .defineStmt where node.symbol(.kind) == .OBJECT_OPERATOR: define(node)
    case .createCastStmt: cast(node)
    case .ruleStmt: amend(node.child(.relation)) { $0.rules.append(text) }
    case .createPolicyStmt:
      let conditions = [node.child(.qual), node.child(.withCheck)].compactMap { $0.map(imitation) }
      amend(node.child(.table)) { $0.policies += conditions }
    case .createTrigStmt: trigger(node)
    case .insertStmt, .updateStmt, .deleteStmt, .commentStmt, .createExtensionStmt, .selectStmt, .copyStmt:
      return
    default: note("\(StatementNames.name(of: node)) was not followed")
    }
  }

  private mutating func note(_ text: String) { if !notes.contains(text) { notes.append(text) } }

  mutating func newID() -> UInt32 {
    lastID += 1
    return lastID
  }

  private mutating func setPath(_ node: Node) {
    path = node.children(.args).map { $0.text(.sval).isEmpty ? $0.child(.sval)?.text(.sval) ?? "" : $0.text(.sval) }
    // RESET, or SET … TO DEFAULT.
    if path.isEmpty { path = ["public"] }
    allSchemas += path.filter { !allSchemas.contains($0) }
  }

  // MARK: - Relations

  private mutating func table(_ node: Node) {
    let base = node.child(.baseStmt) ?? node
    guard let target = base.child(.relation) else { return }
    let elements = base.children(.tableElts)
    let definitions = elements.filter { $0.kind == .columnDef }
    let columns = definitions.map { column in
      RelationEntry.Column(name: column.text(.colname), type: typeID(column.child(.typeName)))
    }
    let constraints = definitions.flatMap { $0.children(.constraints) } + elements.filter { $0.kind == .constraint }
    let expressions = constraints.compactMap { $0.child(.rawExpr).map(imitation) }
    let checks = constraints.filter { $0.symbol(.contype) == .CONSTR_CHECK }
      .compactMap { $0.child(.rawExpr).map(imitation) }
    relation(
      target, node.kind == .createStmt ? .table : .foreignTable, columns: columns, writeExpressions: expressions,
      foreignServer: node.kind == .createStmt ? nil : node.text(.servername))
    let id = relations.last?.id ?? 0
    let keys = base.child(.partspec)?.children(.partParams) ?? []
    let keyExpressions = keys.compactMap { $0.child(.expr).map(imitation) } + keys.compactMap(unknownClass)
    let parents = base.children(.inhRelations)
    amend(target) { $0.readExpressions += keyExpressions + checks }
    if let type = base.child(.ofTypename) {
      let row = typeID(type)
      if !row.isBuiltIn { types[types.count - 1].madeOf.append(row) }
    }
    for parent in parents {
      let inherited = relations.last { $0.name == parent.text(.relname) }?.readExpressions ?? []
      amend(target) { $0.readExpressions += inherited }
      amend(parent) { $0.children.append(id) }
    }
  }

  private mutating func index(_ node: Node) {
    let elements = node.children(.indexParams)
    let expressions = elements.compactMap { $0.child(.expr) } + [node.child(.whereClause)].compactMap { $0 }
    let evaluated = expressions.map(imitation)
    let classes = elements.compactMap(unknownClass)
    amend(node.child(.relation)) {
      $0.readExpressions += evaluated + classes
      $0.writeExpressions += evaluated + classes
    }
  }

  /// An operator class that is named: nobody knows here what its functions do.
  private func unknownClass(_ element: Node) -> String? {
    guard let name = element.children(.opclass).last?.text(.sval), operatorClasses.contains(name) else { return nil }
    return "\(Self.quoted(name))()"
  }

  private mutating func relation(
    _ node: Node, _ kind: RelationEntry.Kind, columns: [RelationEntry.Column], definition: String? = nil,
    writeExpressions: [String] = [], foreignServer: String? = nil
  ) {
    relations.append(
      RelationEntry(
        id: newID(), schema: schema(node.text(.schemaname)), name: node.text(.relname), origin: .user, kind: kind,
        columns: columns, definition: definition, writeExpressions: writeExpressions, foreignServer: foreignServer))
    let id = lastID
    relations[relations.count - 1].rowType = id + 1
    let madeOf = columns.map(\.type).filter { !$0.isBuiltIn }
    types.append(
      TypeEntry(
        id: newID(), schema: schema(node.text(.schemaname)), name: node.text(.relname), origin: .user, kind: .composite,
        madeOf: madeOf, relation: id))
  }

  private mutating func amend(_ node: Node?, _ change: (inout RelationEntry) -> Void) {
    guard let node else { return }
    let wanted = node.text(.schemaname)
    guard
      let place = relations.lastIndex(where: {
        $0.name == node.text(.relname) && (wanted.isEmpty || $0.schema == wanted)
      })
    else { return note("a definition for \(node.text(.relname)), which is not in the script, was not followed") }
    change(&relations[place])
  }

  private mutating func trigger(_ node: Node) {
    let name = node.children(.funcname).last?.text(.sval) ?? ""
    guard let function = functions.last(where: { $0.name == name }) else {
      return note("a trigger with \(name), which is not in the script, was not followed")
    }
    let condition = node.child(.whenClause).map(imitation)
    amend(node.child(.relation)) {
      $0.triggerFunctions.append(function.id)
      if let condition { $0.writeExpressions.append(condition) }
    }
  }

  func schema(_ written: String) -> String { written.isEmpty ? path.first ?? "public" : written }

  /// What stands behind `AS`, outside brackets.
  private static func query(in text: String) -> String? {
    var depth = 0
    for token in (try? tokens(of: text)) ?? [] {
      switch token.kind {
      case .ASCII_40: depth += 1
      case .ASCII_41: depth -= 1
      case .AS where depth == 0: return String(decoding: Array(text.utf8)[token.range.upperBound...], as: UTF8.self)
      default: continue
      }
    }
    return nil
  }
}
