// CREATE INDEX, REINDEX, CLUSTER and VACUUM: what they lock and go through.
// https://www.postgresql.org/docs/current/sql-createindex.html and its neighbours

import Database
import SQLSyntax

extension ChangeEffects {
  mutating func readIndexes(_ node: Node, _ facts: ChangeFacts) {
    switch node.kind {
    case .indexStmt: readCreateIndex(node, facts)
    case .reindexStmt: readReindex(node, facts)
    case .clusterStmt:
      action = "CLUSTER"
      guard let relation = find(node.child(.relation), in: facts) else {
        // All that were clustered before.
        isTransactional = node.child(.relation) != nil
        isKnown = node.child(.relation) != nil
        return
      }
      isTransactional = relation.kind != "p"
      lockTree(relation, .accessExclusive)
      work(
        relation.qualifiedName, .rewrite, "the table is written anew in the index's order, and its indexes are built")
      for index in facts.indexes(of: relation.id) where index.name == node.text(.indexname) {
        lock(index.qualifiedName, .accessExclusive)
        work(index.qualifiedName, .rewrite, "it is built anew")
      }
    default: readVacuum(node, facts)
    }
  }

  private mutating func readCreateIndex(_ node: Node, _ facts: ChangeFacts) {
    let isConcurrent = node.flag(.concurrent)
    action = isConcurrent ? "CREATE INDEX CONCURRENTLY" : "CREATE INDEX"
    isTransactional = !isConcurrent
    guard let relation = find(node.child(.relation), in: facts) else { return }
    lockTree(relation, isConcurrent ? .shareUpdateExclusive : .share)
    work(
      relation.qualifiedName, .indexBuild,
      isConcurrent
        ? "the table is read twice, and older transactions are waited for"
        : "the table is read and sorted while writes wait")
  }

  private mutating func readReindex(_ node: Node, _ facts: ChangeFacts) {
    action = "REINDEX"
    let isConcurrent = node.children(.params).contains { $0.text(.defname) == "concurrently" } || node.flag(.concurrent)
    if isConcurrent { action = "REINDEX CONCURRENTLY" }
    isTransactional = !isConcurrent
    guard let target = node.child(.relation) else {
      // A schema or a database: each table by itself.
      isTransactional = false
      isKnown = false
      return
    }
    guard let relation = find(target, in: facts) else { return }
    let table = relation.tableID ?? relation.id
    if relation.children > 0 { isTransactional = false }
    let mode: LockMode = isConcurrent ? .shareUpdateExclusive : .share
    lock(facts.name(of: table), mode)
    for index in facts.indexes(of: table) where !relation.isIndex || index.id == relation.id {
      let mode: LockMode = isConcurrent ? .shareUpdateExclusive : .accessExclusive
      lock(index.qualifiedName, mode, because: isConcurrent ? nil : "queries that plan with it wait")
      work(index.qualifiedName, .rewrite, "it is built anew")
    }
    work(facts.name(of: table), .scan, "it is read for each index")
  }

  private mutating func readVacuum(_ node: Node, _ facts: ChangeFacts) {
    let isVacuum = node.flag(.isVacuumcmd)
    let options = Set(node.children(.options).map { $0.text(.defname) })
    let isFull = isVacuum && options.contains("full")
    action = isVacuum ? (isFull ? "VACUUM FULL" : "VACUUM") : "ANALYZE"
    isTransactional = !isVacuum
    let tables = node.children(.rels).compactMap { $0.child(.relation) }
    if tables.isEmpty { isKnown = false }
    for table in tables {
      guard let relation = find(table, in: facts) else { continue }
      lockTree(relation, isFull ? .accessExclusive : .shareUpdateExclusive)
      if isFull {
        work(relation.qualifiedName, .rewrite, "the table is written anew, with its indexes")
      } else {
        work(relation.qualifiedName, .scan, isVacuum ? "pages with dead rows are cleaned" : "a sample is read")
      }
    }
  }
}
