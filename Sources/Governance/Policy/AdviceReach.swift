// What plans, sizes, statistics and advice may be about, where a policy hides something.

import Database
import SQLSyntax

/// A text that advice is asked on.
package enum AdviceText: Sendable {
  /// As a caller has sent it: it runs under the connection's own search path.
  case statement(String)
  /// `CREATE INDEX`, of an index that is only imagined.
  case index(String)
  /// As the server has recorded it, of somebody who had this search path when he came: nobody knows which one he had
  /// then, so a name without a schema may mean whatever has it.
  case recorded(String, path: [String])
}

/// What advice on a text looks at.
package enum AdviceReach: Sendable {
  case refused(Verdict)
  /// The relations that it reaches, by OID: nothing of them is ruled.
  case free(Set<UInt32>)
}

extension Weigher {
  /// Relations with what stands below them and all that they read.
  /// - Returns: nil where a policy hides or rules any of it.
  mutating func closure(of relations: Set<UInt32>, _ policy: EffectivePolicy) -> Set<UInt32>? {
    var (closed, waiting, seen) = (Set<UInt32>(), relations, Set<UInt32>())
    while let id = waiting.popFirst() {
      guard seen.insert(id).inserted else { continue }
      guard isFree(id, policy), let entry = relation(id) else { return nil }
      let family = family(of: entry)
      closed.formUnion(family)
      var behind = readImplication(id).reads
      if entry.kind == .materializedView { behind.formUnion(refreshImplication(id).reads) }
      waiting.formUnion(behind.subtracting(family))
    }
    return closed
  }

  /// The same with what they are parts of, as far as nothing of that is hidden or ruled: the rest of it is not there.
  mutating func reach(of relations: Set<UInt32>, _ policy: EffectivePolicy) -> Set<UInt32>? {
    guard var reached = closure(of: relations, policy) else { return nil }
    var (waiting, seen) = (relations, Set<UInt32>())
    while let id = waiting.popFirst() {
      guard seen.insert(id).inserted else { continue }
      for parent in relation(id)?.parents ?? [] {
        guard let more = closure(of: [parent], policy) else { continue }
        reached.formUnion(more)
        waiting.insert(parent)
      }
    }
    return reached
  }

  private mutating func family(of entry: RelationEntry) -> Set<UInt32> {
    var (found, waiting) = (Set<UInt32>(), [entry.id])
    while let id = waiting.popLast() {
      if found.insert(id).inserted { waiting += relation(id)?.children ?? [] }
    }
    return found
  }

  /// Whatever a name may mean to somebody whose search path is not known; what is in no FROM is left out.
  mutating func namesakes(of mentions: Mentions) -> Set<UInt32> {
    var found: Set<UInt32> = []
    for mention in mentions.relations where mention.schema == nil {
      for relation in relations(named: mention.name) {
        switch relation.entry.kind {
        case .index, .partitionedIndex, .composite, .toast: continue
        default: found.insert(relation.entry.id)
        }
      }
    }
    return found
  }
}

extension Gate {
  /// - Parameters:
  ///   - permissions: what planning a caller's text may need.
  ///   - surroundings: of the session that is to look at it.
  /// - Returns: refused in the words for a plan of the same.
  package mutating func reach(
    of text: AdviceText, under policy: EffectivePolicy, within permissions: Set<Permission>,
    _ surroundings: AdviceSurroundings
  ) async throws(GateFailure) -> AdviceReach {
    guard options.isPoliced else { return .refused(.unwritable) }
    switch text {
    case .statement(let sql):
      return try await reach(of: single("EXPLAIN \(sql)"), policy, permissions) { $0 }
    case .index(let sql):
      let path = surroundings.indexPath
      return try await reach(of: single(sql).flatMap(Self.reading), policy, permissions) { path + $0 }
    case .recorded(let sql, let path):
      let schemas = ["pg_catalog"] + path + surroundings.schemas
      // It was somebody else who has run it.
      let needs: Set<Permission> = [.explain, .read, .write]
      return try await reach(of: single("EXPLAIN \(sql)"), policy, needs, isAnywhere: true) { _ in schemas }
    }
  }

  /// The same for tables.
  /// - Returns: those of which nothing is hidden or ruled.
  package mutating func free(
    among tables: Set<TableName>, under policy: EffectivePolicy
  ) async throws(GateFailure) -> Set<TableName> {
    guard options.isPoliced else { return [] }
    return try await looking { weigher in
      var free: Set<TableName> = []
      for table in tables {
        let id = weigher.relations(named: table.name).first { $0.entry.schema.isSpelled(table.schema) }?.entry.id
        if let id, weigher.closure(of: [id], policy) != nil { free.insert(table) }
      }
      return free
    }
  }

  private mutating func reach(
    of explained: Result<Statement, Refusal>, _ policy: EffectivePolicy, _ permissions: Set<Permission>,
    isAnywhere: Bool = false, path: ([String]) -> [String]
  ) async throws(GateFailure) -> AdviceReach {
    let statement: Statement
    switch explained {
    case .success(let found): statement = found
    case .failure(let refusal): return .refused(refusal.verdict)
    }
    let mentions = StatementReader.mentions(of: statement)
    var weighing = Weighing()
    var screening = Screening.passed([])
    let reached = try await looking { weigher -> Set<UInt32>? in
      weighing = weigher.weigh(mentions, path: path(weigher.names.surroundings?.searchPath ?? []), under: policy)
      screening = weigher.screen(statement, weighing, by: policy)
      var all = Set(weighing.relations.compactMap { $0.found?.entry.id })
      if isAnywhere { all.formUnion(weigher.namesakes(of: mentions)) }
      return weigher.reach(of: all, policy)
    }
    // What a function of users reads depends on a search path that nobody knows any more.
    if isAnywhere, !weighing.implied.functions.isEmpty { return .refused(.hiddenCode) }
    if case .refused(let refusal) = screening { return .refused(refusal) }
    let verdict = verdict(on: weighing)
    guard !verdict.isRejected, verdict.permissions.isSubset(of: permissions), let reached else {
      var refusal = verdict.withoutNames
      refusal.isRejected = true
      return .refused(refusal)
    }
    return .free(reached)
  }

  private mutating func looking<Found>(_ look: (inout Weigher) -> Found) async throws(GateFailure) -> Found {
    try await settled { gate in
      let found = look(&gate.weigher)
      return gate.weigher.isComplete ? found : nil
    }
  }

  /// `EXPLAIN SELECT keys, expressions FROM table WHERE predicate`: what an index looks at, as a query.
  private static func reading(_ statement: Statement) -> Result<Statement, Refusal> {
    let index = statement.node
    guard index.kind == .indexStmt, let relation = index.child(.relation) else {
      return .failure(
        Refusal(
          verdict: Verdict(
            rejecting: "policy-statement", because: "a hypothetical index is one CREATE INDEX statement",
            wayOut: "For instance CREATE INDEX ON orders (customer_id).")))
    }
    let keys = index.children(.indexParams) + index.children(.indexIncludingParams)
    let targets = keys.map { key in
      let column = Node(.columnRef, [(.fields, .list([Node(.string, [(.sval, .text(key.text(.name)))])]))])
      return Node(.resTarget, [(.val, .node(key.child(.expr) ?? column))])
    }
    var fields: [(Field, NodeValue)] = [(.targetList, .list(targets)), (.fromClause, .list([relation]))]
    if let condition = index.child(.whereClause) { fields.append((.whereClause, .node(condition))) }
    let explained = Node(.explainStmt, [(.query, .node(Node(.selectStmt, fields)))])
    return .success(Statement(node: explained, text: statement.text, offset: statement.offset))
  }
}

/// What a session knows of names, beside its search path.
package struct AdviceSurroundings: Sendable {
  /// Where HypoPG looks for what an index's definition names, before the search path.
  package var indexPath: [String]
  /// All there are.
  package var schemas: [String]
}
