// FROM items: tables, views, common table expressions, subqueries, functions.

import Database
import SQLSyntax

extension Reading {
  /// Reads one FROM item; a join without an alias gives several.
  func fromItem(_ node: Node, in scope: Scope) -> [ScopeItem] {
    deeper { fromItemHere(node, in: scope) } ?? [Self.opaque(named: nil)]
  }

  private func fromItemHere(_ node: Node, in scope: Scope) -> [ScopeItem] {
    switch node.kind {
    case .rangeVar: return [relation(node, in: scope)]
    case .joinExpr: return join(node, in: scope)
    case .rangeSubselect: return [subselect(node, in: scope)]
    case .rangeFunction: return [function(node, in: scope)]
    case .rangeTableSample:
      guard let sampled = node.child(.relation) else { return [Self.opaque(named: nil)] }
      // A sample is read by blocks, whatever indexes there are.
      let items = fromItem(sampled, in: scope).map { $0.mapped { $0.capped(at: .value) } }
      _ = values(node.children(.args), in: scope)
      note("TABLESAMPLE reads without an index: its conditions are not looked into")
      return items
    default: return [tableFunction(node, in: scope)]
    }
  }

  static func opaque(named name: String?) -> ScopeItem { ScopeItem(name: name, columns: [], isOpen: true) }

  /// `name` and column names of `AS name (a, b)`.
  static func alias(of node: Node) -> (name: String, columns: [String])? {
    guard let alias = node.child(.alias) else { return nil }
    return (alias.text(.aliasname), alias.children(.colnames).map { $0.text(.sval) })
  }

  private static func aliased(_ item: ScopeItem, as node: Node) -> ScopeItem {
    guard let alias = alias(of: node) else { return item }
    return item.renamed(to: alias.name, columns: alias.columns)
  }

  // MARK: - Relations

  /// A name in FROM: a common table expression before any table, as only an unqualified name can be.
  private func relation(_ node: Node, in scope: Scope) -> ScopeItem {
    let name = node.text(.relname)
    let schema = node.text(.schemaname)
    if schema.isEmpty, let table = scope.with?.table(named: name) {
      let (columns, isOpen) = columns(of: table)
      return Self.aliased(ScopeItem(name: name, columns: columns, isOpen: isOpen), as: node)
    }
    guard let relation = relation(named: node) else {
      return Self.aliased(Self.opaque(named: name), as: node)
    }
    let item = relation.kind == .view ? view(relation) : table(relation, isRead: true)
    markInheritance(item, of: node)
    return Self.aliased(item, as: node)
  }

  /// The stored relation a RangeVar means, or a note.
  func relation(named node: Node) -> Relation? {
    let schema = node.text(.schemaname)
    let name = node.text(.relname)
    let found = catalog.relation(schema: schema.isEmpty ? nil : schema, name: name, searchPath: searchPath)
    if found == nil {
      let shown = schema.isEmpty ? quotedIdentifier(name) : "\(quotedIdentifier(schema)).\(quotedIdentifier(name))"
      note("relation \(shown) was not found")
    }
    return found
  }

  /// A stored table. `isRead` false: it is only written to, so it is no instance of its own.
  func table(_ relation: Relation, isRead: Bool) -> ScopeItem {
    let use = isRead ? addUse(of: relation.id) : nil
    let columns = relation.columns.map { column in
      let base = BaseColumn(use: use, table: relation.id, column: column.name)
      let source = Source(base: base, reach: isRead && use == nil ? .value : .full)
      return NamedColumn(
        name: column.name, meaning: Meaning(sources: [source], touches: use.map { [$0] } ?? []))
    }
    return ScopeItem(
      name: relation.name, schema: relation.schema, columns: columns, isOpen: columns.isEmpty, table: relation.id,
      use: use)
  }

  /// A view is its query. The text qualifies what is not on the path of whoever asked for it, so unqualified names
  /// are looked for beside the view, then on the path of the statement.
  func view(_ view: Relation) -> ScopeItem {
    let opaque = ScopeItem(
      name: view.name, schema: view.schema,
      columns: view.columns.map { NamedColumn(name: $0.name, meaning: Meaning()) }, isOpen: view.columns.isEmpty)
    guard let definition = view.viewDefinition, let statement = try? parse(definition).first else {
      note("the definition of view \(quotedIdentifier(view.name)) could not be read")
      return opaque
    }
    let output =
      insideView(view.name) {
        withSearchPath([view.schema] + searchPath + ["public"]) {
          deeper { query(statement.node, inside: Scope(parent: nil, with: nil), with: nil) }
        } ?? nil
      } ?? nil
    guard let output else { return opaque }
    let item = ScopeItem(name: view.name, schema: view.schema, columns: output.columns, isOpen: output.isOpen)
    guard view.columns.count == output.columns.count else { return item }
    // CREATE VIEW v (a, b), or columns renamed later.
    var renamed = item.renamed(to: view.name, columns: view.columns.map(\.name))
    renamed.schema = view.schema
    return renamed
  }

  // MARK: - Subqueries

  private func subselect(_ node: Node, in scope: Scope) -> ScopeItem {
    guard let query = node.child(.subquery) else { return Self.opaque(named: nil) }
    let isLateral = node.flag(.lateral)
    let isFlat = SelectTraits(query).isFlat
    let wall = Scope(
      parent: isLateral ? scope.lateralView() : scope.parent, with: scope.with, isJoined: isFlat,
      isAnti: scope.lateralIsOptional)
    wall.stopsEarly = scope.stopsEarly
    let output = self.query(query, inside: wall, with: scope.with)
    var item = ScopeItem(name: nil, columns: output.columns, isOpen: output.isOpen)
    if !isFlat { item = item.mapped { $0.touching(wall.outerTouches) } }
    return Self.aliased(item, as: node)
  }
}

extension Meaning {
  func touching(_ more: Set<Int>) -> Meaning {
    var copy = self
    copy.touches.formUnion(more)
    return copy
  }
}

extension NamedColumn {
  func capped(at reach: Reach) -> NamedColumn { NamedColumn(name: name, meaning: meaning.capped(at: reach)) }
}
