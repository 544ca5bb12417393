// One foreign statement that reads, in one round trip: it stands behind a question, and runs only if that is answered well.

extension Session {
  /// Runs one statement that was admitted from memory, in a transaction of its own that may only read, if nothing has
  /// changed since `mark`: the server looks, and what stands behind a question that fails does not run. No savepoint stands:
  /// there is nothing in front of the statement to keep, and a transaction that has asked cannot be made writable with SET.
  ///
  /// Such a failure is a line in the server's log. So the question is asked only after the mark has been the same for some
  /// transactions in a row, twice as many after each failure.
  /// - Parameter mark: under which the statement was judged.
  /// - Returns: nil when that is not known to hold; the statement has not run then, and no transaction is open.
  /// - Throws: as `stream` does.
  package func streamAtOnce(
    _ statement: AdmittedStatement, under mark: String, _ bounds: TransactionBounds, limits: RowLimits,
    taking: RowTaking = .cells
  ) async throws(DatabaseError) -> StreamedRows? {
    guard let known = steadyBeginning(for: bounds, under: mark) else { return nil }
    let values = known.values(bounds, path: known.path) + [known.ground]
    let isQuiet = known.endsQuietly
    let answers = try await exchange(
      [
        .step(.statement(TransactionAccess.readOnly.beginning, [])),
        isQuiet ? .kept(known.conditional, values) : .step(.statement(known.conditional, values)),
        .stream(statement.request, limits, taking, stopsAtCap: true),
      ] + (isQuiet ? QuietEnding.requests : Self.ending), until: .now + bounds.patience)
    if isInTransaction { await rollBack() }
    if isChange(answers[1]) {
      // Where nothing has run the rollback, or what stands behind it, is all there is to do.
      if case .success? = answers.last { isClean = true }
      return nil
    }
    _ = try answers[0].get()
    guard try answers[1].get().rows.text(0, 0) == "on" else { throw BoundedTransaction.notReadOnly }
    refusedSettings = known.refused
    return try await ended(answers[2], answers[3...], hasHypothetical: false, statement, quietly: isQuiet)
  }

  /// Whether a statement judged under this mark may be run before anybody has looked.
  package func isSteady(under mark: String, for bounds: TransactionBounds) -> Bool {
    steadyBeginning(for: bounds, under: mark) != nil
  }

  /// - Returns: nil where somebody has to look first.
  private func steadyBeginning(for bounds: TransactionBounds, under mark: String) -> QuickBeginning? {
    steadyBeginning(under: mark).flatMap { $0.bounds == bounds.unnamed ? $0 : nil }
  }

  private func steadyBeginning(under mark: String) -> QuickBeginning? {
    guard isClean, !server.isPooled, !knowsHypothetical, !isInTransaction, let known = quickBeginning,
      known.mark == mark, known.isSteady
    else { return nil }
    return known
  }

  /// What `BoundedSettings.condition` is asked with where no settings of ours have been made.
  /// - Throws: `.changed` where somebody has to look first.
  func steadyGround(under mark: String) throws(DatabaseError) -> String? {
    guard let known = steadyBeginning(under: mark), !known.settings.contains("DateStyle") else { throw Self.changed }
    return known.ground
  }

  /// Whether the condition was not met: a setting was given a sentence (`invalid_parameter_value`). Or it could not be asked
  /// since a function has deallocated it (`invalid_sql_statement_name`).
  func isChange(_ answer: Result<Answer, DatabaseError>) -> Bool {
    guard case .failure(let error) = answer, error.sqlState == "22023" || error.sqlState == "26000" else {
      return false
    }
    quickBeginning?.isSurprised()
    return true
  }

  static let changed = DatabaseError(code: .changed, message: "the database has changed since the statement was judged")
}
