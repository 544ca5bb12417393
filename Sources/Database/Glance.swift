// Questions of ours that leave nothing behind, in one round trip.

extension Session {
  /// Asks one question of ours in a transaction of its own that may only read. All settings are local to it, so that a
  /// session that was clean still is; inside a transaction that is open already, they last as long as it does.
  /// - Parameter path: schemas; nil for the session's own.
  /// - Throws: the question's error, `.statementTimeout`, `.lockTimeout`, `.cancelled`, `.connectionLost`.
  package func glance(
    _ question: SQL, _ values: [String?] = [], path: [String]? = nil, limits: ReadOnlyLimits = ReadOnlyLimits()
  ) async throws(DatabaseError) -> StepRows {
    let wasClean = isClean
    let path = path.map { $0.map(quotedIdentifier).joined(separator: ", ") }
    let answers = try await exchange([
      .step(.statement(Self.glancing, limits.timeouts + [applicationName, path])), .step(.statement(question, values)),
    ])
    guard try answers[0].get().rows.text(0, 0) == "on" else { throw BoundedTransaction.notReadOnly }
    let rows = try answers[1].get().rows
    isClean = wasClean
    return rows
  }

  /// Until there is a boundary, all of it is one transaction.
  /// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
  private static let glancing: SQL = """
    SELECT pg_catalog.set_config('transaction_read_only', 'on', true),
      pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),
      pg_catalog.set_config('standard_conforming_strings', 'on', true),
      pg_catalog.set_config('application_name', $3, true),
      pg_catalog.set_config('search_path', COALESCE($4, pg_catalog.current_setting('search_path')), true)
    """

  /// Whether nothing has changed since the last bounded transaction of this session began with these bounds: neither the
  /// catalog nor the server's configuration, and nobody has had the session since it was cleaned.
  /// - Returns: the mark under which that holds; nil when it does not, or nobody can tell.
  package func unchangedMark(for bounds: TransactionBounds) async throws(DatabaseError) -> String? {
    guard isClean, !server.isPooled, let known = quickBeginning, known.bounds == bounds.unnamed, let mark = known.mark
    else { return nil }
    let now = try await glancedMark()
    quickBeginning?.sees(now.mark)
    guard now.mark == mark, now.configuration == known.configuration, !now.hasHypothetical || knowsHypothetical
    else { return nil }
    return mark
  }

  /// Outside of a transaction.
  func glancedMark() async throws(DatabaseError) -> (mark: String?, configuration: String?, hasHypothetical: Bool) {
    let wasClean = isClean
    let rows = try await exchange([.step(.statement(Self.mark, []))])[0].get().rows
    isClean = wasClean
    let isTelling = rows.text(0, 1) == "f" && !server.isPooled
    return (isTelling ? rows.text(0, 0) : nil, rows.text(0, 2), rows.text(0, 3) != nil)
  }

  private static let mark: SQL = """
    SELECT pg_catalog.pg_current_snapshot(), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_conf_load_time(),
      pg_catalog.current_setting('hypopg.enabled', true)
    """
}
