// A plan under hypothetical indexes that a person spelled out.

import Database
import IndexTuner

/// Plans one statement inside a read-only transaction, with HypoPG's indexes reset before and after.
struct WhatIfPlan {
  let session: Session
  let request: ExplainRequest

  private var hypotheticalIndexes: [String] { request.hypotheticalIndexes }

  func explained(_ text: String) async throws(DatabaseError) -> ExplainedPlan {
    if !hypotheticalIndexes.isEmpty, session.server.hypopg.schema == nil {
      throw ExtensionAdvice.missingHypoPG(session.server)
    }
    do {
      return try await session.readOnly(ReadOnlyLimits(statementTimeout: request.statementTimeout)) { _ in
        let names = try await create()
        let (plan, source) = try await plan(of: text)
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
    try await setPath(["pg_catalog", schema] + session.server.searchPath)
    try await session.execute("SELECT hypopg_reset()")
    var names: [String: String] = [:]
    for definition in hypotheticalIndexes {
      let created = try await session.rows(
        "SELECT indexname FROM hypopg_create_index($1::text)", [definition], as: CreatedIndex.self)
      if let name = created.first?.indexname { names[name] = definition }
    }
    return names
  }

  private func plan(of text: String) async throws(DatabaseError) -> (Plan, source: [UInt8]) {
    try await setPath(session.server.searchPath)
    let isGeneric = request.values.isEmpty && text.contains("$") && session.server.versionNumber >= 160_000
    let planned = PlanRequest(
      planning: text, parameters: request.values.map { PlanParameter(value: $0) }, isGeneric: isGeneric,
      isVerbose: request.isVerbose, showsSettings: request.showsSettings)
    let answers = try await session.run([.plan(planned)])
    let rows: StepRows
    do throws(DatabaseError) {
      rows = try answers[0].get()
    } catch {
      await resetAfterFailure()
      var failure = error
      failure.position = error.position.map { $0 - planned.textOffset }
      throw failure
    }
    guard let bytes = rows.rows.first?.first ?? nil else {
      throw DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no row")
    }
    return (try Plan(parsing: bytes), bytes)
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
