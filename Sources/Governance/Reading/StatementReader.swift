// One pass over a statement's tree that notes everything a verdict can depend on.

import SQLSyntax

/// Visits every field of every node. A kind of node that is not known here is a demand of its own: rejected.
struct StatementReader {
  private(set) var mentions = Mentions()
  /// Names of WITH queries that are visible where the walk is.
  var visibleQueries: [String] = []
  /// Places of calls whose values go nowhere but out.
  var shownCalls: Set<Int> = []
  /// Places of types: `'english'::regconfig` as an argument of text search.
  var plainConfigurations: Set<Int> = []
  /// Added to nothing but positions: where the statement's text begins.
  private let base: Int

  /// - Parameter base: subtracted from the nodes' places, to give offsets into the text that is judged.
  init(base: Int = 0) { self.base = base }

  /// Reads a whole statement.
  /// - Parameter isOutermost: its results go out, and nowhere else.
  static func mentions(of statement: Statement, isOutermost: Bool = true) -> Mentions {
    var reader = StatementReader()
    if isOutermost, statement.node.kind == .selectStmt, statement.node.child(.larg) == nil {
      let results = statement.node.children(.targetList).compactMap { $0.child(.val) }
      reader.shownCalls = Set(results.filter { $0.kind == .funcCall }.map { $0.integer(.location) })
    }
    reader.statement(statement.node, position: statement.offset)
    return reader.mentions
  }

  /// Reads an expression or any other part of a statement.
  static func mentions(ofPart node: Node) -> Mentions {
    var reader = StatementReader()
    let scope = reader.newScope(in: nil)
    reader.visit(node, scope)
    return reader.mentions
  }

  // MARK: - Noting

  func place(_ node: Node) -> Int { node.integer(.location) - base }

  mutating func newScope(in parent: Int?) -> Int {
    mentions.scopes.append(Mentions.Scope(parent: parent))
    return mentions.scopes.count - 1
  }

  mutating func enter(_ entry: Mentions.Entry, into scope: Int) { mentions.scopes[scope].entries.append(entry) }

  mutating func note(_ call: Mentions.Call) { mentions.calls.append(call) }
  mutating func note(_ use: Mentions.Operator) { mentions.operators.append(use) }
  mutating func note(_ column: Mentions.Column) { mentions.columns.append(column) }
  mutating func note(_ selection: Mentions.Selection) { mentions.selections.append(selection) }
  mutating func note(_ type: Mentions.TypeUse) { mentions.types.append(type) }
  mutating func note(_ demand: Demand) { mentions.demands.append(demand) }

  mutating func noteOperator(_ name: String, in schema: String? = nil, isPrefix: Bool = false, at position: Int) {
    mentions.operators.append(
      Mentions.Operator(schema: schema, name: name, isPrefix: isPrefix, position: position))
  }

  /// - Returns: its place in `mentions.relations`.
  @discardableResult
  mutating func noteRelation(_ node: Node, _ access: Mentions.Access) -> Int {
    let schema = node.text(.schemaname)
    mentions.relations.append(
      Mentions.Relation(
        schema: schema.isEmpty ? nil : schema, name: node.text(.relname), access: access, position: place(node)))
    return mentions.relations.count - 1
  }

  mutating func markAsRead(_ relation: Int) { mentions.relations[relation].isAlsoRead = true }

  mutating func noteAllColumns(of relation: Int) { mentions.relations[relation].hasAllColumns = true }

  mutating func noteColumns(_ names: [String], of relation: Int) {
    mentions.relations[relation].columns += names
  }

  mutating func markAsDefinition() { mentions.isDefinition = true }

  mutating func need(
    _ permission: Permission, _ rule: String, _ message: String, at position: Int?, wayOut: String? = nil
  ) {
    note(Demand(need: .permission(permission), rule: rule, message: message, position: position, wayOut: wayOut))
  }

  mutating func reject(_ rule: String, _ message: String, at position: Int?, wayOut: String? = nil) {
    note(Demand(need: .rejection, rule: rule, message: message, position: position, wayOut: wayOut))
  }

  /// What this version does not know.
  mutating func cannotProve(_ rule: String, _ message: String, at position: Int?, wayOut: String? = nil) {
    note(Demand(need: .unproven, rule: rule, message: message, position: position, wayOut: wayOut))
  }

  // MARK: - Walking

  mutating func visitChildren(_ node: Node, _ scope: Int) {
    for field in node.fields {
      switch field.value {
      case .node(let child): visit(child, scope)
      case .list(let children): for child in children { visit(child, scope) }
      default: continue
      }
    }
  }

  /// `visitChildren` without some fields, which were read already.
  mutating func visitChildren(
    _ node: Node, _ scope: Int, except first: Field, _ second: Field? = nil, _ third: Field? = nil,
    _ fourth: Field? = nil, _ fifth: Field? = nil
  ) {
    for field in node.fields {
      let name = field.name
      if name == first || name == second || name == third || name == fourth || name == fifth { continue }
      switch field.value {
      case .node(let child): visit(child, scope)
      case .list(let children): for child in children { visit(child, scope) }
      default: continue
      }
    }
  }

  mutating func visit(_ node: Node, _ scope: Int) {
    switch node.kind {
    case .string, .integer, .float, .boolean, .bitString, .aConst, .aStar, .paramRef, .node, .alias, .setToDefault:
      return
    // Much of every statement; the others like them are in `plainKinds`.
    case .typeCast: cast(node, scope)
    case .resTarget, .boolExpr, .nullTest, .caseWhen, .coalesceExpr, .list, .windowDef:
      visitChildren(node, scope)
    case .columnRef: column(node, scope)
    case .funcCall: call(node, scope)
    case .aExpr: expression(node, scope)
    case .typeName: type(node, scope)
    case .selectStmt: select(node, in: scope)
    case .aIndirection: indirection(node, scope)
    case .subLink: subLink(node, scope)
    case .caseExpr:
      if node.child(.arg) != nil { noteOperator("=", at: place(node)) }
      visitChildren(node, scope)
    case .sortBy:
      let names = node.children(.useOp)
      if !names.isEmpty { self.operatorName(names, at: place(node)) }
      visitChildren(node, scope, except: .useOp)
    case .rangeVar, .rangeSubselect, .rangeFunction, .rangeTableFunc, .rangeTableSample, .joinExpr, .jsonTable:
      fromItem(node, scope)
    case .withClause: withClause(node, scope)
    case .lockingClause: lock(node)
    case .intoClause: into(node)
    case .currentOfExpr:
      reject(
        "cursor", "WHERE CURRENT OF needs a cursor, and so a session of its own", at: nil,
        wayOut: "Name the rows by their key.")
    case .insertStmt, .updateStmt, .deleteStmt, .mergeStmt: statement(node, position: nil)
    // In the body of a function; as a statement of its own it is refused before anybody comes here.
    case .returnStmt: visitChildren(node, scope)
    default: visitOther(node, scope)
    }
  }

  private mutating func visitOther(_ node: Node, _ scope: Int) {
    if Self.plainKinds.contains(node.kind) {
      visitChildren(node, scope)
    } else if StatementClass.of(node.kind) != nil {
      statement(node, position: nil)
    } else {
      cannotProve(
        "unknown-node", "the statement holds a \(node.kind), which this version of pgadvisor does not know", at: nil,
        wayOut: "Use a newer pgadvisor, or another way to say it.")
    }
  }
}
