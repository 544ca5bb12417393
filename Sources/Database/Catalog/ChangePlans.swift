// Plans of other statements while a change is being rehearsed, and what that needs of the session.

extension Session {
  /// Plans each request by itself, inside the transaction that is open: one that fails disturbs no other, and no lock
  /// is kept. Nil where PostgreSQL refuses.
  package func planSummaries(
    of requests: [PlanRequest]
  ) async throws(DatabaseError) -> [Result<PlanSummary, DatabaseError>] {
    var summaries: [Result<PlanSummary, DatabaseError>] = []
    for request in requests {
      let answers = try await run([
        .statement("SAVEPOINT pgadvisor_plan", []), .plan(request), .boundary,
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_plan", []), .statement("RELEASE SAVEPOINT pgadvisor_plan", []),
      ])
      summaries.append(
        answers[1].flatMap { rows in
          guard let bytes = rows.rows.first?.first ?? nil, let summary = PlanSummary(scanning: bytes) else {
            return .failure(DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no plan"))
          }
          return .success(summary)
        })
    }
    return summaries
  }

  /// The same as if an index existed that HypoPG makes up; nil where it is not installed, or takes no such index.
  package func planSummaries(
    of requests: [PlanRequest], supposing definition: String
  ) async throws(DatabaseError) -> [Result<PlanSummary, DatabaseError>]? {
    guard case .installed(let schema, _) = server.hypopg, isInTransaction else { return nil }
    let path = (["pg_catalog", schema] + server.searchPath).map(quotedIdentifier).joined(separator: ", ")
    let made = try await run([
      .statement("SAVEPOINT pgadvisor_supposed", []),
      .statement("SELECT set_config('search_path', $1, true)", [path]),
      .statement("SELECT hypopg_reset()", []),
      .statement("SELECT indexname FROM hypopg_create_index($1::text)", [definition]), .boundary,
    ])
    guard case .success = made[3] else {
      _ = try await run([
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_supposed", []),
        .statement("RELEASE SAVEPOINT pgadvisor_supposed", []),
      ])
      return nil
    }
    let summaries = try await planSummaries(of: requests)
    _ = try await run([
      .statement("SELECT hypopg_reset()", []), .boundary,
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_supposed", []),
      .statement("RELEASE SAVEPOINT pgadvisor_supposed", []),
    ])
    return summaries
  }

  /// Constraints and triggers that would wait for COMMIT, now.
  package func checkDeferred() async throws(DatabaseError) -> Result<Void, DatabaseError> {
    let answers = try await run([
      .statement("SAVEPOINT pgadvisor_deferred", []), .statement("SET CONSTRAINTS ALL IMMEDIATE", []), .boundary,
    ])
    guard case .failure(let error) = answers[1] else { return .success(()) }
    for answer in try await run([
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_deferred", []),
      .statement("RELEASE SAVEPOINT pgadvisor_deferred", []),
    ]) { _ = try answer.get() }
    return .failure(error)
  }
}
