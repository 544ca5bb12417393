// Statements that PostgreSQL does not run inside a transaction block, and what tells later whether a transaction was kept.

/// A transaction of ours, by what the server will still know of it when nobody waits for it any more.
package struct TransactionIdentity: Sendable, Equatable, Decodable {
  /// nil: none was given to it.
  package var transaction: String?
  package var backend: Int
  package var backendStart: String
  package var serverStart: String

  package init(transaction: String?, backend: Int, backendStart: String, serverStart: String) {
    self.transaction = transaction
    self.backend = backend
    self.backendStart = backendStart
    self.serverStart = serverStart
  }
}

/// What the server says of a transaction, and of who ran it.
package struct TransactionFate: Sendable, Equatable, Decodable {
  /// `committed`, `aborted`, `in progress`; nil where the server has forgotten it, or none was asked about.
  package var status: String?
  /// The process that ran it is there, and nobody else has it.
  package var isRunning: Bool
  /// The server has not been started since.
  package var isSameServer: Bool
}

extension Session {
  /// - Parameter giving: a transaction id is given to the transaction that is open.
  package func transactionIdentity(giving: Bool) async throws(DatabaseError) -> TransactionIdentity {
    let found: [TransactionIdentity] = try await rows(giving ? Self.givenIdentity : Self.identity)
    guard let identity = found.first else {
      throw DatabaseError(code: .protocolViolation, message: "the server did not say which transaction this is")
    }
    return identity
  }

  /// Commits are on the disk before they are answered, whatever the role's or the database's setting says.
  package func commitDurably() async throws(DatabaseError) {
    try await execute(
      """
      SELECT pg_catalog.set_config('synchronous_commit', 'on', true)
      WHERE pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'off'
      """)
  }

  package func fate(of identity: TransactionIdentity) async throws(DatabaseError) -> TransactionFate {
    let found: [TransactionFate] = try await rows(
      """
      SELECT CASE WHEN $1::pg_catalog.text IS NOT NULL
          THEN pg_catalog.pg_xact_status($1::pg_catalog.xid8) END AS status,
        EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.pid OPERATOR(pg_catalog.=) $2::pg_catalog.int4
          AND a.backend_start::pg_catalog.text OPERATOR(pg_catalog.=) $3) AS "isRunning",
        pg_catalog.pg_postmaster_start_time()::pg_catalog.text OPERATOR(pg_catalog.=) $4 AS "isSameServer"
      """, [identity.transaction, "\(identity.backend)", identity.backendStart, identity.serverStart])
    guard let fate = found.first else {
      throw DatabaseError(code: .protocolViolation, message: "the server did not say what became of a transaction")
    }
    return fate
  }

  private static let process: SQL = """
     pg_catalog.pg_backend_pid() AS backend,
      COALESCE((SELECT a.backend_start::pg_catalog.text FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()), '') AS "backendStart",
      pg_catalog.pg_postmaster_start_time()::pg_catalog.text AS "serverStart"
    """
  private static let givenIdentity: SQL =
    "SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text AS transaction," + process
  private static let identity: SQL = "SELECT NULL::pg_catalog.text AS transaction," + process

  /// Runs one statement by itself, as PostgreSQL demands of CREATE INDEX CONCURRENTLY and VACUUM. The bounds hold for the
  /// session from here on, which nobody else is to have afterwards.
  /// - Throws: `.transactionInProgress`, `.unsupported` behind a pooler; else PostgreSQL's reason.
  package func runAlone(
    _ statement: AdmittedStatement, _ bounds: TransactionBounds, limits: RowLimits
  ) async throws(DatabaseError) -> StreamedRows {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    guard !server.isPooled else {
      throw DatabaseError(
        code: .unsupported, message: "this statement needs a session of its own, and a pooler gives none",
        advice: "Let the connection's url name the server itself")
    }
    try await execute(
      """
      SELECT pg_catalog.set_config('statement_timeout', $1, false), pg_catalog.set_config('lock_timeout', $2, false),
        pg_catalog.set_config('application_name', $3, false),
        pg_catalog.set_config('standard_conforming_strings', 'on', false),
        pg_catalog.set_config('search_path', $4, false)
      """,
      [
        Self.milliseconds(bounds.statementTimeout), Self.milliseconds(bounds.lockTimeout), bounds.applicationName,
        try await ownPath(bounds),
      ])
    let answers = try await exchange(
      [.stream(statement.request, limits, .cells, stopsAtCap: false)], until: .now + bounds.patience)
    guard let rows = try answers[0].get().streamed else {
      throw DatabaseError(code: .protocolViolation, message: "a statement was not answered")
    }
    return rows
  }

  /// As `bounded` pins it.
  private func ownPath(_ bounds: TransactionBounds) async throws(DatabaseError) -> String? {
    let found: [String] = try await rows(
      """
      SELECT pg_catalog.concat_ws(', ', (
        SELECT COALESCE(pg_catalog.string_agg(pg_catalog.quote_ident(s.name), ', ' ORDER BY s.place), 'pg_catalog')
        FROM pg_catalog.unnest(COALESCE($1::pg_catalog.text[], pg_catalog.current_schemas(false)::pg_catalog.text[]))
          WITH ORDINALITY AS s(name, place)
        WHERE s.name NOT IN ('pg_catalog', 'pg_temp') AND s.name NOT LIKE 'pg\\_temp\\_%'), 'pg_temp')
      """, [bounds.searchPath.map { arrayLiteral($0) }])
    return found.first
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    return "\(max(1, min(seconds, 2_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000))ms"
  }
}
