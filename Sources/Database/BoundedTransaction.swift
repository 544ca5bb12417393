// A transaction in which foreign statements run: bounded, with everything pinned that they could lean on.

/// What a transaction may do.
package enum TransactionAccess: Sendable {
  /// Rolled back in any case.
  case readOnly
  /// Committed if the body ends well.
  case readWrite
}

/// The transaction that `bounded` has opened on a session.
struct BoundedTransaction: Sendable {
  let access: TransactionAccess
  /// How long to wait for a statement that the server should have ended long ago.
  let patience: Duration
  /// When it began, by the server's clock: another one is another transaction.
  private let beginning: String

  /// Without operators, which a foreign statement may have put new ones in front of.
  static let confirmation: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'),
      pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp())
    """

  static let left = DatabaseError(
    code: .transactionLeft, message: "the transaction is not the one that was begun: a statement has ended it")

  private static let notReadOnly = DatabaseError(
    code: .notReadOnly, message: "the server did not confirm a read-only transaction")

  /// - Throws: `.notReadOnly` if it should read only and the server says otherwise.
  init(
    _ access: TransactionAccess, _ bounds: TransactionBounds, confirmedBy rows: StepRows
  ) throws(DatabaseError) {
    guard let beginning = rows.text(0, 1) else { throw Self.left }
    self.access = access
    patience = bounds.statementTimeout + .seconds(30)
    self.beginning = beginning
    if access == .readOnly && rows.text(0, 0) != "on" { throw Self.notReadOnly }
  }

  func check(_ rows: StepRows) throws(DatabaseError) {
    if access == .readOnly && rows.text(0, 0) != "on" { throw Self.notReadOnly }
    if rows.text(0, 1) != beginning { throw Self.left }
  }
}

extension Session {
  /// Runs `body` in a transaction whose settings are all local to it, as PgBouncer's transaction mode demands.
  ///
  /// Before foreign text runs, our own questions have been asked and a savepoint stands: PostgreSQL then refuses to make
  /// the transaction writable with SET. `RESET transaction_read_only` passes on PostgreSQL 15, so the server is asked
  /// again after each foreign statement and at the end; either way a read-only transaction is rolled back. One that may
  /// write is committed only if `body` ends without an error.
  /// - Throws: `.transactionInProgress`, `.notReadOnly` if the server does not confirm it before or after; else what
  ///   `body` throws.
  package func bounded<R, Failure: Error>(
    _ access: TransactionAccess, _ bounds: TransactionBounds = TransactionBounds(),
    isolation: isolated (any Actor)? = #isolation, _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    let ongoing = try await beginBounded(access, bounds)
    do {
      let result = try await body(self)
      switch access {
      case .readOnly: try await endReading(ongoing)
      case .readWrite: try await commit()
      }
      return result
    } catch {
      await abandonBounded()
      throw error
    }
  }

  private func beginBounded(
    _ access: TransactionAccess, _ bounds: TransactionBounds
  ) async throws(DatabaseError) -> BoundedTransaction {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    let beginning: SQL =
      access == .readOnly
      ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY" : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    let settings = 2
    let answers = try await exchange([
      .step(.statement(beginning, [])),
      .step(.statement(BoundedSettings.path, [])),
      .step(.statement(BoundedSettings.settings(on: server), bounds.values)),
      .step(.statement(BoundedSettings.pinnedPath, [bounds.searchPath.map { arrayLiteral($0) }])),
      .step(.statement(BoundedTransaction.confirmation, [])),
    ])
    do throws(DatabaseError) {
      for answer in answers { _ = try answer.get() }
      let ongoing = try BoundedTransaction(access, bounds, confirmedBy: answers[4].get().rows)
      boundedTransaction = ongoing
      refusedSettings = try answers[settings].get().rows.decoded(as: String.self)
      return ongoing
    } catch {
      await rollBack()
      throw error
    }
  }

  /// Asks whether the transaction is still what it was, and rolls it back. One that has failed cannot be asked, and has
  /// done nothing.
  private func endReading(_ ongoing: BoundedTransaction) async throws(DatabaseError) {
    let answers = try await exchange(
      [
        .step(.statement(BoundedTransaction.confirmation, [])), .step(.boundary), .step(.statement("ROLLBACK", [])),
      ], isCancellable: false)
    if case .success(let confirmation) = answers[0] { try ongoing.check(confirmation.rows) }
    _ = try answers[2].get()
    boundedTransaction = nil
  }

  /// PostgreSQL answers COMMIT in a failed transaction with a rollback, and no error.
  private func commit() async throws(DatabaseError) {
    if hasFailedTransaction {
      throw DatabaseError(
        code: .server, message: "a statement of the transaction had failed, so nothing of it was kept",
        sqlState: "25P02")
    }
    do throws(DatabaseError) {
      let answers = try await exchange([.step(.statement("COMMIT", []))], isCancellable: false)
      _ = try answers[0].get()
    } catch {
      guard error.code == .connectionLost else { throw error }
      throw DatabaseError(
        code: .connectionLost, message: "\(error.message); whether the changes were kept is not known",
        sqlState: error.sqlState, advice: "Look whether they are there before you repeat them")
    }
    boundedTransaction = nil
  }

  private func abandonBounded() async {
    boundedTransaction = nil
    await rollBack()
  }
}
