// One snapshot of the catalog, held for as long as somebody judges by it; optionally with changes that are rolled back.

/// Foreign text that a person gave to be run before judging, and undone afterwards.
package struct SetupStatement: Sendable {
  package let text: String
  let request: PlanRequest

  /// - Parameter text: one statement, and no transaction control: the extended protocol takes no more than one.
  package init(preparing text: String) {
    self.text = text
    request = PlanRequest(unchanged: text, parameters: [])
  }
}

extension Session {
  /// Runs `body` in a REPEATABLE READ transaction that is read-only by then and always rolled back: whatever `body`
  /// looks up belongs to one state of the database.
  ///
  /// - Parameters:
  ///   - setup: run first, each under a savepoint, as a person would in psql. They are undone with the transaction; what
  ///     PostgreSQL does not undo (sequences that were there before, other servers, files) is not.
  ///   - onFailure: a statement of `setup`, by its place, and why it was refused; the rest goes on.
  /// - Throws: `DatabaseError` when the transaction cannot be begun, `.transactionInProgress`, `.notReadOnly`; else what
  ///   `body` throws.
  package func snapshot<R, Failure: Error>(
    after setup: [SetupStatement] = [], _ limits: ReadOnlyLimits = ReadOnlyLimits(),
    isolation: isolated (any Actor)? = #isolation, onFailure: (Int, DatabaseError) -> Void = { _, _ in },
    _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    _ = try await beginSnapshot(limits, isReadOnly: setup.isEmpty)
    do {
      for (place, statement) in setup.enumerated() {
        if let failure = try await prepare(statement) { onFailure(place, failure) }
      }
      if !setup.isEmpty { try await endWriting() }
      let result = try await body(self)
      await rollBack()
      return result
    } catch {
      await rollBack()
      throw error
    }
  }

  /// The same, whose first questions go out with its beginning.
  /// - Parameters:
  ///   - endsAtOnce: nothing else will be asked: its end goes out as well, and the boundary behind it has an answer too.
  ///   - body: gets one answer for each of them; they fail one by one, the beginning as a whole.
  package func snapshot<R, Failure: Error>(
    _ limits: ReadOnlyLimits, asking first: [Step], endsAtOnce: Bool = false,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Session, [Result<StepRows, DatabaseError>]) async throws(Failure) -> R
  ) async throws -> R {
    let end: [Step] = endsAtOnce ? [.statement("ROLLBACK", []), .boundary] : []
    var answers = try await beginSnapshot(limits, isReadOnly: true, asking: first + end)
    if endsAtOnce { answers.remove(at: first.count) }
    do {
      let result = try await body(self, answers)
      // Where a session is given back to its pool, that ends what is open, and nobody has to wait for it.
      if await !isOurs { await rollBack() }
      return result
    } catch {
      await rollBack()
      throw error
    }
  }

  private func beginSnapshot(
    _ limits: ReadOnlyLimits, isReadOnly: Bool, asking first: [Step] = []
  ) async throws(DatabaseError) -> [Result<StepRows, DatabaseError>] {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    let beginning: SQL =
      isReadOnly
      ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
    let answers = try await exchange(
      [
        .step(.statement(beginning, [])),
        .step(.statement(Self.snapshotSettings, limits.milliseconds + [applicationName])),
      ] + first.map { .step($0) })
    do throws(DatabaseError) {
      for answer in answers.prefix(2) { _ = try answer.get() }
      if isReadOnly { try Self.confirm(answers[1].get().rows) }
      return answers.dropFirst(2).map { answer in answer.map(\.rows) }
    } catch {
      await rollBack()
      throw error
    }
  }

  /// From read-write to read-only is always allowed, the way back is not.
  private func endWriting() async throws(DatabaseError) {
    let answers = try await exchange([
      .step(.statement("SET TRANSACTION READ ONLY", [])),
      .step(.statement("SELECT pg_catalog.current_setting('transaction_read_only')", [])),
    ])
    for answer in answers { _ = try answer.get() }
    try Self.confirm(answers[1].get().rows)
  }

  private static func confirm(_ rows: StepRows) throws(DatabaseError) {
    guard rows.text(0, 0) == "on" else {
      throw DatabaseError(code: .notReadOnly, message: "the server did not confirm a read-only transaction")
    }
  }

  /// - Returns: why the server refused it.
  /// - Throws: when the session or the transaction is gone.
  private func prepare(_ statement: SetupStatement) async throws(DatabaseError) -> DatabaseError? {
    let answers = try await exchange([
      .step(.statement("SAVEPOINT pgadvisor_setup", [])), .step(.plan(statement.request)),
      .step(.statement("RELEASE SAVEPOINT pgadvisor_setup", [])),
    ])
    _ = try answers[0].get()
    guard case .failure(let failure) = answers[1] else {
      _ = try answers[2].get()
      return nil
    }
    guard failure.code != .cancelled else { throw failure }
    let undone = try await exchange([
      .step(.statement("ROLLBACK TO SAVEPOINT pgadvisor_setup", [])),
      .step(.statement("RELEASE SAVEPOINT pgadvisor_setup", [])),
    ])
    for answer in undone { _ = try answer.get() }
    return failure
  }

  private static let snapshotSettings: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'),
      pg_catalog.set_config('statement_timeout', $1, true),
      pg_catalog.set_config('lock_timeout', $2, true),
      pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true),
      pg_catalog.set_config('standard_conforming_strings', 'on', true),
      pg_catalog.set_config('application_name', $4, true)
    """
}

extension ReadOnlyLimits {
  fileprivate var milliseconds: [String?] {
    [statementTimeout, lockTimeout, idleTimeout].map { duration in
      let (seconds, attoseconds) = duration.components
      // 0 would mean no limit at all.
      return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))ms"
    }
  }
}
