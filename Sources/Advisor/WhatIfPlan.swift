// A plan under hypothetical indexes that a person spelled out.

import Database
import IndexTuner

/// Plans one statement inside a read-only transaction, with HypoPG's indexes reset before and after.
struct WhatIfPlan {
  let session: Session
  let request: ExplainRequest
  /// The session goes back to a pool afterwards.
  var discards = false

  private var searchPath: [String] { request.searchPath ?? session.server.searchPath }
  private var hypotheticalIndexes: [String] { request.hypotheticalIndexes }

  func explained(_ text: String) async throws(DatabaseError) -> ExplainedPlan {
    if !hypotheticalIndexes.isEmpty, session.server.hypopg.schema == nil {
      throw ExtensionAdvice.missingHypoPG(session.server)
    }
    let planned = planned(text)
    if hypotheticalIndexes.isEmpty, !planned.isGeneric {
      do throws(DatabaseError) {
        let rows = try await session.plan(
          planned, through: searchPath, ReadOnlyLimits(statementTimeout: request.statementTimeout),
          under: request.mark, discarding: discards)
        let (plan, source) = try Self.plan(in: rows)
        return ExplainedPlan(marking: plan, isAnalyzed: false, source: source)
      } catch {
        throw Self.placed(error, in: planned)
      }
    }
    // In a transaction of several questions the mark is not looked at.
    if request.mark != nil { throw DatabaseError(code: .changed, message: "judged from memory") }
    do {
      return try await session.readOnly(ReadOnlyLimits(statementTimeout: request.statementTimeout)) { _ in
        let names = try await create()
        let (plan, source) = try await plan(planned)
        try await reset()
        let used = Set(plan.indexNames.compactMap { names[$0] })
        return ExplainedPlan(
          marking: plan, isAnalyzed: false, source: source, usedHypothetical: hypotheticalIndexes.filter(used.contains),
          unusedHypothetical: hypotheticalIndexes.filter { !used.contains($0) })
      }
    } catch let error as DatabaseError {
      throw error
    } catch {
      throw DatabaseError(code: .protocolViolation, message: "\(error)")
    }
  }

  private struct CreatedIndex: Decodable, Sendable { let indexname: String }

  /// HypoPG's name of each index, and the statement it was made from. Its functions are called under a search path of
  /// ours, so that nobody's function of the same name is; the definitions are resolved under it too, so unqualified
  /// table names are looked for in the session's own schemas last.
  private func create() async throws(DatabaseError) -> [String: String] {
    guard let schema = session.server.hypopg.schema, !hypotheticalIndexes.isEmpty else { return [:] }
    try await setPath(["pg_catalog", schema] + searchPath)
    try await session.execute("SELECT hypopg_reset()")
    var names: [String: String] = [:]
    for definition in hypotheticalIndexes {
      let created: [CreatedIndex]
      do throws(DatabaseError) {
        created = try await session.rows(
          "SELECT indexname FROM hypopg_create_index($1::text)", [definition], as: CreatedIndex.self)
      } catch {
        throw Self.explained(error)
      }
      if let name = created.first?.indexname { names[name] = definition }
    }
    return names
  }

  private static func explained(_ error: DatabaseError) -> DatabaseError {
    guard error.message.contains("access method"), error.message.contains("not supported") else { return error }
    var explained = error
    explained.advice =
      "HypoPG plans with btree, BRIN, hash and bloom indexes; what a GIN or GiST index would do shows only where it is built"
    return explained
  }

  private func plan(_ planned: PlanRequest) async throws(DatabaseError) -> (Plan, source: [UInt8]) {
    try await setPath(searchPath)
    let answers = try await session.run([.plan(planned)])
    let rows: StepRows
    do throws(DatabaseError) {
      rows = try answers[0].get()
    } catch {
      await resetAfterFailure()
      throw Self.placed(error, in: planned)
    }
    return try Self.plan(in: rows)
  }

  private func planned(_ text: String) -> PlanRequest {
    let isGeneric = request.values.isEmpty && text.contains("$") && session.server.versionNumber >= 160_000
    return PlanRequest(
      planning: text, parameters: request.values.map { PlanParameter(value: $0) }, isGeneric: isGeneric,
      isVerbose: request.isVerbose, showsSettings: request.showsSettings)
  }

  private static func plan(in rows: StepRows) throws(DatabaseError) -> (Plan, source: [UInt8]) {
    guard let bytes = rows.rows.first?.first ?? nil else {
      throw DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no row")
    }
    return (try Plan(parsing: bytes), bytes)
  }

  /// PostgreSQL counts from the beginning of what we have sent.
  private static func placed(_ error: DatabaseError, in planned: PlanRequest) -> DatabaseError {
    var failure = error
    failure.position = error.position.map { $0 - planned.textOffset }
    return failure
  }

  private func reset() async throws(DatabaseError) {
    guard let schema = session.server.hypopg.schema, !hypotheticalIndexes.isEmpty else { return }
    try await setPath(["pg_catalog", schema])
    try await session.execute("SELECT hypopg_reset()")
  }

  /// A failed statement has ended the transaction; the indexes are dropped in one of their own.
  private func resetAfterFailure() async {
    guard let schema = session.server.hypopg.schema, !hypotheticalIndexes.isEmpty else { return }
    _ = try? await session.run([
      .statement("ROLLBACK", []), .boundary, .statement("BEGIN READ ONLY", []),
      .statement(
        "SELECT pg_catalog.set_config('search_path', $1, true)", ["pg_catalog, \(quotedIdentifier(schema))"]),
      .statement("SELECT hypopg_reset()", []),
    ])
  }

  private func setPath(_ schemas: [String]) async throws(DatabaseError) {
    try await session.execute(
      "SELECT pg_catalog.set_config('search_path', $1, true)",
      [schemas.map(quotedIdentifier).joined(separator: ", ")])
  }
}
