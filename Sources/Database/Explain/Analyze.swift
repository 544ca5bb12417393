// Foreign statements that are really run, measured and rolled back.

/// Foreign text under `EXPLAIN (ANALYZE)`: it runs. Made only for a person who asked for exactly that.
package struct AnalyzeRequest: Sendable {
  package let text: String
  /// The transaction may write before it is rolled back. Sequences, locks and what functions do outside the database
  /// are not undone by that.
  package let allowsWrites: Bool
  let plan: PlanRequest

  /// - Parameter timesNodes: with the time of each step, which makes the whole slower; the whole is always timed.
  package init(
    running text: String, parameters: [PlanParameter] = [], allowsWrites: Bool = false, timesNodes: Bool = true
  ) {
    self.text = text
    self.allowsWrites = allowsWrites
    plan = PlanRequest(analyzing: text, parameters: parameters, timesNodes: timesNodes)
  }
}

extension Session {
  /// Runs the statement in a transaction of its own that is always rolled back, and read-only unless the request
  /// allows writes.
  /// - Parameter path: the schemas under which its names are looked up; nil for the session's own.
  /// - Throws: PostgreSQL's reason, `.statementTimeout`, `.transactionInProgress`, `.connectionLost`.
  package func analyze(
    _ request: AnalyzeRequest, through path: [String]? = nil, statementTimeout: Duration
  ) async throws(DatabaseError) -> Plan {
    var limits = ReadOnlyLimits(statementTimeout: statementTimeout)
    limits.allowsJIT = true
    try await begin(limits, isReadOnly: !request.allowsWrites, through: path)
    let answer: Result<Answer, DatabaseError>
    do throws(DatabaseError) {
      answer = try await exchange([.step(.plan(request.plan))])[0]
    } catch {
      await rollBack()
      throw error
    }
    await rollBack()
    guard let bytes = try answer.get().rows.rows.first?.first ?? nil else {
      throw DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no row")
    }
    return try Plan(parsing: bytes)
  }
}
