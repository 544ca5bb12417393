// What PostgreSQL takes the parameters of foreign statements for.

extension Session {
  /// The types PostgreSQL infers for a statement's parameters.
  package func parameterTypes(of request: PlanRequest) async throws(DatabaseError) -> [ParameterType] {
    let answers = try await exchange([.prepare(request), .describe])
    _ = try answers[0].get()
    let identifiers = try answers[1].get().parameterTypes
    let names = try await typeNames(of: identifiers)
    return identifiers.map { ParameterType(typeID: $0, name: names[$0] ?? "") }
  }

  /// The same for several statements, each under a search path as the setting wants it, in one pipeline and one more
  /// question. Inside a transaction: what is refused disturbs no other, and no lock is kept.
  package func parameterTypes(
    of questions: [(request: PlanRequest, path: String)]
  ) async throws(DatabaseError) -> [Result<[ParameterType], DatabaseError>] {
    var requests: [Request] = []
    for question in questions {
      requests += [
        .step(.statement("SAVEPOINT pgadvisor_types", [])),
        .step(.statement("SELECT pg_catalog.set_config('search_path', $1, true)", [question.path])),
        .prepare(question.request), .describe, .step(.boundary),
        .step(.statement("ROLLBACK TO SAVEPOINT pgadvisor_types", [])),
        .step(.statement("RELEASE SAVEPOINT pgadvisor_types", [])), .step(.boundary),
      ]
    }
    let answers = try await exchange(requests)
    var found: [Result<[UInt32], DatabaseError>] = []
    for number in questions.indices {
      switch (answers[number * 8 + 2], answers[number * 8 + 3]) {
      case (.failure(let error), _), (_, .failure(let error)): found.append(.failure(error))
      case (.success, .success(let answer)): found.append(.success(answer.parameterTypes))
      }
    }
    let names = try await typeNames(of: found.flatMap { (try? $0.get()) ?? [] })
    return found.map { answer in
      answer.map { identifiers in identifiers.map { ParameterType(typeID: $0, name: names[$0] ?? "") } }
    }
  }

  private func typeNames(of identifiers: [UInt32]) async throws(DatabaseError) -> [UInt32: String] {
    let wanted = Set(identifiers).sorted()
    if wanted.isEmpty { return [:] }
    let names: [String] = try await rows(
      """
      SELECT pg_catalog.format_type(t.id, NULL) FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY
        AS t(id, position) ORDER BY t.position
      """, [arrayLiteral(wanted.map { String($0) })])
    return Dictionary(zip(wanted, names)) { first, _ in first }
  }
}
