// Our own questions: under a search path of our own, and without a trace in the transaction they are asked in.

extension Session {
  /// Asks in one round trip, with `pg_catalog` and then `schema` on the search path, so that nobody's function or table
  /// of the same name is meant; `pg_temp` comes last instead of first.
  ///
  /// Inside a transaction all happens under a savepoint that is rolled back: the search path returns, locks are given
  /// back, and a question that fails leaves the transaction usable.
  /// - Throws: the first question's error.
  func ask(_ questions: [Step], in schema: String? = nil) async throws(DatabaseError) -> [StepRows] {
    let setting = Self.path(through: schema)
    let isNested = isInTransaction
    var steps = isNested ? [.statement("SAVEPOINT pgadvisor_question", []), setting] : [setting]
    let first = steps.count
    steps += questions
    steps.append(.boundary)
    if isNested {
      steps.append(.statement("ROLLBACK TO SAVEPOINT pgadvisor_question", []))
      steps.append(.statement("RELEASE SAVEPOINT pgadvisor_question", []))
    }
    let results = try await run(steps)
    // A failed step makes those behind it `.skipped`: the first failure is the reason.
    for result in results.prefix(first) { _ = try result.get() }
    var answers: [StepRows] = []
    for result in results[first..<(first + questions.count)] { answers.append(try result.get()) }
    return answers
  }

  /// Asks each question by itself, all in one round trip and as `ask` does: one that fails takes no other along.
  /// - Throws: only when the connection is lost or closed.
  func askEach(_ questions: [Step]) async throws(DatabaseError) -> [Result<StepRows, DatabaseError>] {
    let before: [Step] = isInTransaction ? [.statement("SAVEPOINT pgadvisor_question", [])] : []
    let after: [Step] =
      isInTransaction
      ? [
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_question", []),
        .statement("RELEASE SAVEPOINT pgadvisor_question", []),
      ] : []
    let groups = questions.map { question in before + [Self.path(through: nil), question, .boundary] + after }
    let results = try await run(groups.flatMap { $0 })
    let width = before.count + after.count + 3
    return questions.indices.map { results[$0 * width + before.count + 1] }
  }

  private static func path(through schema: String?) -> Step {
    let path = ["pg_catalog", schema, "pg_temp"].compactMap { $0 }.map(quotedIdentifier).joined(separator: ", ")
    return .statement("SELECT pg_catalog.set_config('search_path', $1, true)", [path])
  }
}
