// Queries and changes of data, and statements that replace a table's content.

import Database
import SQLSyntax

extension ChangeEffects {
  mutating func readData(_ node: Node, _ facts: ChangeFacts) {
    switch node.kind {
    case .truncateStmt: readTruncate(node, facts)
    case .refreshMatViewStmt:
      action = "REFRESH MATERIALIZED VIEW"
      guard let relation = find(node.child(.relation), in: facts) else { return }
      let isConcurrent = node.flag(.concurrent)
      lock(relation.qualifiedName, isConcurrent ? .exclusive : .accessExclusive)
      work(
        relation.qualifiedName, isConcurrent ? .changedRows : .rewrite,
        isConcurrent
          ? "the query runs, and rows that differ are changed" : "the query runs, and its result replaces all")
    case .lockStmt: readLock(node, facts)
    case .explainStmt:
      if let query = node.child(.query) { readQuery(query, facts) }
    case .createTableAsStmt:
      action = node.symbol(.objtype) == .OBJECT_MATVIEW ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS"
      if let query = node.child(.query) { readQuery(query, facts) }
    case .copyStmt:
      let isFrom = node.flag(.isFrom)
      guard let target = node.child(.relation) else {
        if let query = node.child(.query) { readQuery(query, facts) }
        return
      }
      guard let relation = find(target, in: facts) else { return }
      lock(relation.qualifiedName, isFrom ? .rowExclusive : .accessShare)
      if isFrom { work(relation.qualifiedName, .changedRows, "rows are added") }
    default: readQuery(node, facts)
    }
  }

  private mutating func readQuery(_ node: Node, _ facts: ChangeFacts) {
    let common = ChangeReader.commonTableNames(in: node)
    let isLocking = !node.all(.lockingClause).isEmpty
    node.walk { node, field in
      guard node.kind == .rangeVar else { return }
      let written = ChangeReader.relation(node)
      if written.schema == nil, common.contains(written.name) { return }
      // What a query creates is not there yet.
      if field == .rel { return }
      guard let relation = find(written, in: facts) else { return }
      let isTarget = field == .relation
      lock(relation.qualifiedName, isTarget ? .rowExclusive : isLocking ? .rowShare : .accessShare)
      if isTarget { work(relation.qualifiedName, .changedRows, "the rows it finds") }
    }
  }

  /// CASCADE takes along what refers to it, and what refers to that.
  private mutating func readTruncate(_ node: Node, _ facts: ChangeFacts) {
    action = "TRUNCATE"
    let isCascading = node.symbol(.behavior) == .DROP_CASCADE
    for table in node.children(.relations) {
      guard let relation = find(table, in: facts) else { continue }
      lockTree(relation, .accessExclusive)
      work(relation.qualifiedName, .removal, "all rows go at once, whoever looks at them")
      for constraint in facts.constraints
      where isCascading && constraint.referenced == relation.id && constraint.relation != relation.id {
        let other = facts.name(of: constraint.relation)
        lock(other, .accessExclusive, because: "CASCADE: \(constraint.name) refers to \(relation.name)")
        work(other, .removal, "CASCADE empties it too, and what refers to it")
      }
    }
  }

  private mutating func readLock(_ node: Node, _ facts: ChangeFacts) {
    action = "LOCK TABLE"
    let mode = LockMode(rawValue: node.integer(.mode)) ?? .accessExclusive
    for table in node.children(.relations) {
      guard let relation = find(table, in: facts) else { continue }
      lockTree(relation, mode)
    }
  }
}
