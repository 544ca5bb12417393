// A transaction in which foreign statements run: bounded, with everything pinned that they could lean on.

/// What a foreign statement may take of the server.
package struct TransactionBounds: Sendable {
  package var statementTimeout: Duration = .seconds(30)
  package var lockTimeout: Duration = .seconds(2)
  /// For the pauses between our statements.
  package var idleTimeout: Duration = .seconds(60)
  /// Bytes for each sort or hash table.
  package var workMemory: Int64 = 64 << 20
  /// Bytes of temporary files; only a superuser may set it, others have what the role or server gives them.
  package var temporaryFiles: Int64 = 1 << 30
  package var parallelWorkers = 2
  /// Schemas in order; nil for the session's own. `pg_catalog` is put in front and `pg_temp` behind.
  package var searchPath: [String]?

  package init() {}
}

/// What a transaction may do.
package enum TransactionAccess: Sendable {
  /// Rolled back in any case.
  case readOnly
  /// Committed if the body ends well.
  case readWrite
}

extension Session {
  /// Runs `body` in a transaction whose settings are all local to it, as PgBouncer's transaction mode demands.
  ///
  /// Before foreign text runs, an own question has been asked and a savepoint stands: PostgreSQL then refuses to make the
  /// transaction writable with SET. `RESET transaction_read_only` passes on PostgreSQL 15, so the server is asked once
  /// more at the end; either way a read-only transaction is rolled back.
  /// - Throws: `.transactionInProgress`, `.notReadOnly` if the server does not confirm it before or after; else what
  ///   `body` throws.
  package func bounded<R, Failure: Error>(
    _ access: TransactionAccess, _ bounds: TransactionBounds = TransactionBounds(),
    isolation: isolated (any Actor)? = #isolation, _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    try await beginBounded(access, bounds)
    do {
      let result = try await body(self)
      switch access {
      case .readOnly: try await endReading()
      case .readWrite: try await commit()
      }
      return result
    } catch {
      await rollBack()
      throw error
    }
  }

  private func beginBounded(_ access: TransactionAccess, _ bounds: TransactionBounds) async throws(DatabaseError) {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    let beginning: SQL = access == .readOnly ? "BEGIN READ ONLY" : "BEGIN READ WRITE"
    let answers = try await exchange([
      .step(.statement(beginning, [])), .step(.statement(Self.confirmation, [])),
      .step(.statement(Self.path, [bounds.searchPath.map { arrayLiteral($0) }])),
      .step(.statement(Self.boundedSettings, bounds.values)),
      // Not everybody may set it: outside the chain that must hold.
      .step(.statement("SAVEPOINT pgadvisor_bounds", [])),
    ])
    do throws(DatabaseError) {
      for answer in answers { _ = try answer.get() }
      if access == .readOnly { try Self.confirmReadOnly(answers[1].get().rows) }
      if server.isSuperuser { try await limitTemporaryFiles(bounds) }
    } catch {
      await rollBack()
      throw error
    }
  }

  private func limitTemporaryFiles(_ bounds: TransactionBounds) async throws(DatabaseError) {
    let limit = "\(bounds.temporaryFiles / 1_024)kB"
    let answers = try await exchange([
      .step(.statement("SELECT pg_catalog.set_config('temp_file_limit', $1, true)", [limit]))
    ])
    _ = try answers[0].get()
  }

  /// Asks whether the transaction is still what it was, and rolls it back. One that has failed cannot be asked, and has
  /// done nothing.
  private func endReading() async throws(DatabaseError) {
    let answer = try await exchange([.step(.statement(Self.confirmation, []))], isCancellable: false)[0]
    await rollBack()
    if case .success(let confirmation) = answer { try Self.confirmReadOnly(confirmation.rows) }
  }

  private func commit() async throws(DatabaseError) {
    let answers = try await exchange([.step(.statement("COMMIT", []))], isCancellable: false)
    _ = try answers[0].get()
  }

  private static func confirmReadOnly(_ rows: StepRows) throws(DatabaseError) {
    guard rows.text(0, 0) == "on" else {
      throw DatabaseError(code: .notReadOnly, message: "the server did not confirm a read-only transaction")
    }
  }

  private static let confirmation: SQL = "SELECT pg_catalog.current_setting('transaction_read_only')"

  /// Without the session's temporary schema in front, where it stands when nobody names it.
  private static let path: SQL = """
    SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', 'pg_catalog', (
      SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s.name), ', ' ORDER BY s.place)
      FROM pg_catalog.unnest(COALESCE($1::pg_catalog.text[], pg_catalog.current_schemas(false)::pg_catalog.text[]))
        WITH ORDINALITY AS s(name, place)
      WHERE s.name <> 'pg_catalog' AND s.name <> 'pg_temp'), 'pg_temp'), true)
    """

  private static let boundedSettings: SQL = """
    SELECT pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),
      pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true),
      pg_catalog.set_config('work_mem', $4, true),
      pg_catalog.set_config('max_parallel_workers_per_gather', $5, true),
      pg_catalog.set_config('standard_conforming_strings', 'on', true),
      pg_catalog.set_config('client_encoding', 'UTF8', true),
      pg_catalog.set_config('backslash_quote', 'safe_encoding', true),
      pg_catalog.set_config('row_security', 'on', true),
      pg_catalog.set_config('check_function_bodies', 'on', true),
      pg_catalog.set_config('application_name', 'pgadvisor', true)
    """
}

extension TransactionBounds {
  fileprivate var values: [String?] {
    let timeouts = [statementTimeout, lockTimeout, idleTimeout].map { duration in
      let (seconds, attoseconds) = duration.components
      // 0 would mean no limit at all.
      return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))ms"
    }
    return timeouts + ["\(max(64, workMemory / 1_024))kB", String(parallelWorkers)]
  }
}
