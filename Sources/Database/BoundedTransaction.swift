// A transaction in which foreign statements run: bounded, with everything pinned that they could lean on.

/// What a transaction may do.
package enum TransactionAccess: Sendable {
  /// Rolled back in any case.
  case readOnly
  /// May write, and is rolled back in any case.
  case rehearsal
  /// Committed if the body ends well.
  case readWrite
}

/// The transaction that `bounded` has opened on a session.
struct BoundedTransaction: Sendable {
  let access: TransactionAccess
  /// Its end goes out together with its last statement, and takes along what `clean` would do.
  var endsWithLast = false
  /// How long to wait for a statement that the server should have ended long ago.
  let patience: Duration
  /// When it began, by the server's clock: another one is another transaction.
  private let beginning: String
  /// Which transactions of the cluster had been committed when it began: as long as two marks are the same, nothing in
  /// between has changed the catalog. Nil on a standby, whose snapshots do not tell.
  /// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
  let mark: String?
  /// When the server has read its configuration.
  let configuration: String
  /// hypopg's library is loaded: somebody may have left indexes that DISCARD ALL does not know.
  let hasHypothetical: Bool

  /// Without operators, which a foreign statement may have put new ones in front of.
  static let confirmation: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'),
      pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp())
    """

  /// As they are, without a cast to text: each would cost as much as the rest.
  static let firstConfirmation: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'),
      pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp()),
      pg_catalog.pg_current_snapshot(), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_conf_load_time(),
      pg_catalog.current_setting('hypopg.enabled', true)
    """

  static let left = DatabaseError(
    code: .transactionLeft, message: "the transaction is not the one that was begun: a statement has ended it")

  static let notReadOnly = DatabaseError(
    code: .notReadOnly, message: "the server did not confirm a read-only transaction")

  /// - Throws: `.notReadOnly` if it should read only and the server says otherwise.
  init(
    _ access: TransactionAccess, _ bounds: TransactionBounds, confirmedBy rows: StepRows
  ) throws(DatabaseError) {
    guard let beginning = rows.text(0, 1) else { throw Self.left }
    self.access = access
    patience = bounds.patience
    self.beginning = beginning
    mark = rows.text(0, 3) == "f" ? rows.text(0, 2) : nil
    configuration = rows.text(0, 4) ?? ""
    hasHypothetical = rows.text(0, 5) != nil
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
  /// - Parameter discarding: a transaction that read only is followed by what `clean` would do, in the same round trip.
  package func bounded<R, Failure: Error>(
    _ access: TransactionAccess, _ bounds: TransactionBounds = TransactionBounds(), discarding: Bool = false,
    isolation: isolated (any Actor)? = #isolation, _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    let ongoing = try await beginBounded(access, bounds, discarding: discarding)
    do {
      let result = try await body(self)
      switch access {
      case .readOnly, .rehearsal: try await endReading(ongoing, discarding: discarding && !server.isPooled)
      case .readWrite: try await commit()
      }
      return result
    } catch {
      await abandonBounded()
      throw error
    }
  }

  private func beginBounded(
    _ access: TransactionAccess, _ bounds: TransactionBounds, discarding: Bool
  ) async throws(DatabaseError) -> BoundedTransaction {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    do throws(DatabaseError) {
      var ongoing: BoundedTransaction
      if let quick = try await beginQuickly(access, bounds) {
        ongoing = quick
      } else {
        ongoing = try await beginThoroughly(access, bounds)
      }
      ongoing.endsWithLast = access == .readOnly && discarding && !server.isPooled
      boundedTransaction = ongoing
      return ongoing
    } catch {
      await rollBack()
      throw error
    }
  }

  /// Asks whether the transaction still only reads, and rolls it back. One that has failed cannot be asked, and has done
  /// nothing. That it is the same one needs no question: a statement by itself can end a transaction, but not begin one.
  private func endReading(_ ongoing: BoundedTransaction, discarding: Bool) async throws(DatabaseError) {
    // Its last statement has ended it.
    if boundedTransaction == nil { return }
    guard isInTransaction else { throw BoundedTransaction.left }
    var requests: [Request] = [
      .step(.statement("SHOW transaction_read_only", [])), .step(.statement("ROLLBACK", [])),
    ]
    if discarding { requests.append(.step(.statement(Self.discarding, []))) }
    let answers = try await exchange(requests, isCancellable: false)
    boundedTransaction = nil
    guard case .success(let confirmation) = answers[0] else {
      // The failure took the rest of the group with it.
      await rollBack()
      return
    }
    guard ongoing.access != .readOnly || confirmation.rows.text(0, 0) == "on" else {
      throw BoundedTransaction.notReadOnly
    }
    _ = try answers[1].get()
    if discarding, case .success = answers[2], !ongoing.hasHypothetical { isClean = true }
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
