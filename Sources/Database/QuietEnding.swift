// The end of a transaction in which one foreign statement has read, where a look shows that nothing is left to discard.

/// The rollback takes back settings, the role, cursors, LISTEN and temporary tables, and where a transaction only reads no
/// sequence moves. What outlives it of all that `DISCARD ALL` takes away are the session's advisory locks, which are given
/// up here, and what functions have prepared by SQL, which is looked for. So the statement's own conditions may stay
/// prepared: only SQL could replace them, and shows.
enum QuietEnding {
  static let requests: [Request] = [
    .step(.statement(look, [])), .step(.boundary), .step(.statement("ROLLBACK", [])),
  ]

  /// A row for each prepared statement. Never prepared itself.
  private static let look: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_advisory_unlock_all(),
      (pg_catalog.pg_prepared_statement()).from_sql
    """

  /// Whether this role may ask so.
  static let permission: SQL = """
    SELECT pg_catalog.has_function_privilege('pg_catalog.pg_advisory_unlock_all()', 'EXECUTE')
      AND pg_catalog.has_function_privilege('pg_catalog.pg_prepared_statement()', 'EXECUTE')
    """

  /// - Parameter answers: to `requests`.
  static func hasLeftNothing(_ answers: some Collection<Result<Answer, DatabaseError>>) -> Bool {
    guard case .success(let answer)? = answers.first, case .success? = answers.dropFirst(2).first,
      answer.rows.text(0, 0) == "on"
    else { return false }
    return (0..<answer.rows.rows.count).allSatisfy { answer.rows.text($0, 2) == "f" }
  }
}
