// The recorded statements that use a change's tables: planned before and with it, and measured again afterwards.

import Database
import SQLSyntax

/// Statements of pg_stat_statements, those that took the most time first.
struct TouchedWorkload: Sendable {
  private struct Member: Sendable {
    var recorded: RecordedStatement
    var request: PlanRequest?
  }

  private var members: [Member] = []

  /// The same statement of several roles is one.
  var baseline: [StatementBaseline] {
    var baseline: [StatementBaseline] = []
    for recorded in members.map(\.recorded) {
      if let place = baseline.firstIndex(where: { $0.queryID == "\(recorded.queryID)" }) {
        baseline[place].calls += recorded.calls
        baseline[place].totalMilliseconds += recorded.totalMilliseconds
      } else {
        baseline.append(
          StatementBaseline(
            queryID: "\(recorded.queryID)", text: Self.shown(recorded.text), calls: recorded.calls,
            totalMilliseconds: recorded.totalMilliseconds))
      }
    }
    return baseline
  }

  /// Looked at, of which those are taken that touch the tables.
  private static let looked = 300

  static func read(of facts: ChangeFacts, on session: Session, limit: Int) async throws -> TouchedWorkload {
    var workload = TouchedWorkload()
    let tables = Self.tables(of: facts)
    guard !tables.isEmpty, case .installed = session.server.statStatements, session.server.preloadsStatStatements else {
      return workload
    }
    var thresholds = StatementThresholds()
    thresholds.minimumShare = 0
    thresholds.limit = Self.looked
    guard let recorded = try? await session.statementStatistics(thresholds).statements else { return workload }
    for statement in recorded where workload.members.count < limit && statement.isTopLevel {
      guard let parsed = (try? parse(statement.text))?.first, Self.isPlannable(parsed.node) else { continue }
      let touches = parsed.node.all(.rangeVar).contains { table in
        let written = ChangeReader.relation(table)
        return tables.contains { $0.name == written.name && (written.schema == nil || written.schema == $0.schema) }
      }
      guard touches else { continue }
      workload.members.append(
        Member(recorded: statement, request: Self.request(parsed, on: session.server.versionNumber)))
    }
    return workload
  }

  private static func isPlannable(_ node: Node) -> Bool {
    [.selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt].contains(node.kind)
      && node.child(.intoClause) == nil
  }

  private static func tables(of facts: ChangeFacts) -> [(schema: String, name: String)] {
    facts.relations.values.compactMap { relation in
      guard relation.isIndex, let table = relation.tableID.flatMap({ facts.names[$0] }) else {
        return relation.isIndex ? nil : (relation.schema, relation.name)
      }
      return (table.schema, table.name)
    }
  }

  /// Nil where it has parameters and the server plans none without values.
  private static func request(_ statement: Statement, on version: Int) -> PlanRequest? {
    let text = plannableText(statement, serverVersion: version)
    let hasParameters = !statement.node.all(.paramRef).isEmpty
    guard hasParameters else { return PlanRequest(planning: text) }
    return version >= 160_000 ? PlanRequest(planning: text, isGeneric: true) : nil
  }

  /// By place; nil for those that cannot be planned.
  typealias Plans = [Result<PlanSummary, DatabaseError>?]

  func plans(on session: Session) async throws -> Plans {
    spread(try await session.planSummaries(of: members.compactMap(\.request)))
  }

  /// What an index would change, by HypoPG's word. Asked where it is not built in a rehearsal.
  func hypothetical(_ statement: Statement, _ before: Plans, on session: Session) async throws -> [PlanChange] {
    let requests = members.compactMap(\.request)
    guard let after = try await session.planSummaries(of: requests, supposing: statement.text) else { return [] }
    return changes(from: before, to: spread(after))
  }

  private func spread(_ found: [Result<PlanSummary, DatabaseError>]) -> Plans {
    var rest = found[...]
    return members.map { $0.request == nil ? nil : rest.popFirst() }
  }

  /// Those whose plan is another one then; others are left out.
  func changes(from before: Plans, to after: Plans) -> [PlanChange] {
    var changes: [PlanChange] = []
    for (place, member) in members.enumerated() where before.indices.contains(place) && after.indices.contains(place) {
      guard case .success(let old)? = before[place], let then = after[place] else { continue }
      var change = PlanChange(
        queryID: "\(member.recorded.queryID)", text: Self.shown(member.recorded.text), costBefore: old.totalCost,
        costAfter: nil, indexesBefore: Self.once(old.indexNames), indexesAfter: [])
      switch then {
      case .success(let new):
        change.costAfter = new.totalCost
        change.indexesAfter = Self.once(new.indexNames)
        let isSame = abs(new.totalCost - old.totalCost) <= old.totalCost * 0.01
        if isSame, change.indexesAfter == change.indexesBefore { continue }
      case .failure(let error): change.failure = error.message
      }
      changes.append(change)
    }
    return changes
  }

  private static func once(_ names: [String]) -> [String] { Set(names).sorted() }

  private static func shown(_ text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count > 300 ? words.prefix(299) + "…" : words
  }
}

/// How long a statement took before a change and after it.
package struct MeasuredAgain: Sendable, Equatable {
  package var queryID: String
  package var text: String
  package var callsBefore: Int64
  package var meanBefore: Double
  /// Since the change.
  package var callsAfter: Int64
  package var meanAfter: Double?
  /// In words, with what speaks against trusting it.
  package var judgement: String
}
