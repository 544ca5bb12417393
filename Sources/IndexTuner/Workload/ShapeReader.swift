// From a statement to its shape: what it asks of each base table, with every name resolved as PostgreSQL would.

package import Database
package import SQLSyntax

/// Reads shapes. Pure: all it knows of the database is the catalog it is given.
///
/// Scoping follows the server's own rules (https://www.postgresql.org/docs/current/queries-table-expressions.html and
/// queries-with.html); how far conditions reach into subqueries follows what its planner flattens or pushes down.
package struct ShapeReader: Sendable {
  private let limits: Limits

  package init(limits: Limits = Limits()) { self.limits = limits }

  /// Never fails: what cannot be resolved stands in `notes` and gives no conditions.
  package func shape(of statement: Statement, in catalog: Catalog, searchPath: [String]) -> QueryShape {
    let reading = Reading(catalog: catalog, searchPath: searchPath, limits: limits)
    reading.read(statement: statement.node)
    var shape = reading.shape()
    shape.command = Self.command(of: statement.node)
    shape.addChildren(in: catalog, limits)
    for number in numbersOfParameters(in: statement.node) where shape.parameters[number] == nil {
      shape.parameters[number] = ParameterUse(role: .other)
    }
    return shape
  }

  private static func command(of node: Node) -> QueryShape.Command {
    switch node.kind {
    case .selectStmt: .select
    case .insertStmt: .insert
    case .updateStmt: .update
    case .deleteStmt: .delete
    case .mergeStmt: .merge
    default: .other
    }
  }
}

/// The names of all relations that a statement mentions, without their schemas; names of CTEs are among them.
package func relationNames(in statement: Statement) -> Set<String> { relationNames(under: statement.node) }

/// The same for the text of a view (`pg_get_viewdef`); empty where this parser cannot read it.
package func relationNames(inViewDefinition definition: String) -> Set<String> {
  guard let statements = try? parse(definition) else { return [] }
  return statements.reduce(into: []) { $0.formUnion(relationNames(under: $1.node)) }
}

private func relationNames(under root: Node) -> Set<String> {
  var names: Set<String> = []
  forEachNode(under: root) { node in
    if node.kind == .rangeVar { names.insert(node.text(.relname)) }
    return true
  }
  return names
}

private func numbersOfParameters(in root: Node) -> Set<Int> {
  var numbers: Set<Int> = []
  forEachNode(under: root) { node in
    if node.kind == .paramRef { numbers.insert(node.integer(.number)) }
    return true
  }
  return numbers
}

/// Every node of a tree, parents first, without recursion; `visit` says whether to go below the node.
func forEachNode(under root: Node, _ visit: (Node) -> Bool) {
  var waiting = [root]
  while let node = waiting.popLast() {
    if visit(node) { waiting.append(contentsOf: node.allChildren.reversed()) }
  }
}
