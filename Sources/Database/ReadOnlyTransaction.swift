// A transaction that cannot change anything, with bounds, and rolled back on every way out.

/// What a transaction of ours may take of the server.
package struct ReadOnlyLimits: Sendable {
  /// For one statement.
  package var statementTimeout: Duration
  /// For one lock: we never wait behind somebody's ALTER TABLE, nor let others wait behind us for long.
  package var lockTimeout: Duration
  /// For the pauses between our statements; the server then ends the session.
  package var idleTimeout: Duration
  /// Off for planning: EXPLAIN would only show it. As the server has it where statements run.
  var allowsJIT = false

  package init(
    statementTimeout: Duration = .seconds(30), lockTimeout: Duration = .seconds(2),
    idleTimeout: Duration = .seconds(300)
  ) {
    self.statementTimeout = statementTimeout
    self.lockTimeout = lockTimeout
    self.idleTimeout = idleTimeout
  }
}

extension Session {
  /// Runs `body` in a transaction that the server has confirmed to be read-only; always rolled back, also when `body`
  /// throws or its task is cancelled. Other tasks must not use the session meanwhile.
  ///
  /// All settings are local to the transaction, as PgBouncer's transaction mode demands. The search path stays the
  /// session's own, since foreign statements are planned under it.
  /// - Throws: `DatabaseError` when the transaction cannot be begun, else what `body` throws.
  package func readOnly<R, Failure: Error>(
    _ limits: ReadOnlyLimits = ReadOnlyLimits(), isolation: isolated (any Actor)? = #isolation,
    _ body: (Session) async throws(Failure) -> R
  ) async throws -> R {
    try await begin(limits, isReadOnly: true)
    do {
      let result = try await body(self)
      await rollBack()
      return result
    } catch {
      await rollBack()
      throw error
    }
  }

  /// - Throws: `.transactionInProgress`, or `.notReadOnly` when the server does not confirm it; nothing is open then.
  func begin(
    _ limits: ReadOnlyLimits, isReadOnly: Bool, through path: [String]? = nil
  ) async throws(DatabaseError) {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    let answers = try await exchange([
      .step(.statement(isReadOnly ? Self.beginReadOnly : Self.beginReadWrite, [])),
      .step(
        .statement(
          Self.settings,
          limits.values + [applicationName, path.map { $0.map(quotedIdentifier).joined(separator: ", ") }])),
    ])
    do throws(DatabaseError) {
      _ = try answers[0].get()
      let confirmed = try answers[1].get().rows.text(0, 0)
      if isReadOnly && confirmed != "on" {
        throw DatabaseError(code: .notReadOnly, message: "the server did not confirm a read-only transaction")
      }
    } catch {
      await rollBack()
      throw error
    }
  }

  /// Ends the transaction whatever has happened in it. Where that fails the connection is given up, and the server
  /// rolls back by itself.
  func rollBack() async {
    guard isInTransaction else { return }
    let answers = try? await exchange(
      [.step(.statement("ROLLBACK", []))], isCancellable: false, until: .now + .seconds(60))
    if case .success? = answers?.first, !isInTransaction { return }
    await close()
  }

  /// Plans one foreign statement in a transaction of its own that may only read, in one round trip.
  /// - Parameters:
  ///   - path: the schemas under which its names are looked up.
  ///   - mark: under which it was judged; nil when it was judged just now.
  ///   - discarding: what `clean` would do comes along.
  /// - Throws: PostgreSQL's reason; `.changed` when something else may hold than under the mark; `.notReadOnly` when the
  ///   server does not confirm it, and the plan is dropped.
  package func plan(
    _ request: PlanRequest, through path: [String], _ limits: ReadOnlyLimits, under mark: String? = nil,
    discarding: Bool = false
  ) async throws(DatabaseError) -> StepRows {
    if isInTransaction {
      throw DatabaseError(code: .transactionInProgress, message: "a transaction is open already on this session")
    }
    let discards = discarding && !server.isPooled
    let ground = try mark.flatMap { (mark) throws(DatabaseError) in try steadyGround(under: mark) }
    let isQuiet = discards && ground != nil && quickBeginning?.endsQuietly == true
    let values = limits.values + [applicationName, path.map(quotedIdentifier).joined(separator: ", ")]
    let settings: Request =
      switch ground {
      case nil: .step(.statement(Self.settings, values))
      case let ground? where isQuiet: .kept(Self.conditionalSettings, values + [ground])
      case let ground?: .step(.statement(Self.conditionalSettings, values + [ground]))
      }
    var requests: [Request] = [.step(.statement(Self.beginReadOnly, [])), settings, .step(.plan(request))]
    if isQuiet {
      requests += QuietEnding.requests
    } else {
      requests += [.step(.boundary), .step(.statement("ROLLBACK", []))]
      if discards { requests.append(.step(.statement(Self.discarding, []))) }
    }
    let answers: [Result<Answer, DatabaseError>]
    do throws(DatabaseError) { answers = try await exchange(requests) } catch {
      await rollBack()
      throw error
    }
    if isInTransaction { await rollBack() }
    _ = try answers[0].get()
    if ground != nil, isChange(answers[1]) {
      // As where a statement reads at once: nothing has run.
      if discards, case .success? = answers.last { isClean = true }
      throw Self.changed
    }
    let confirmation = try answers[1].get().rows
    guard confirmation.text(0, 0) == "on" else { throw BoundedTransaction.notReadOnly }
    guard discards, confirmation.text(0, 1) == nil else { return try answers[2].get().rows }
    if isQuiet ? QuietEnding.hasLeftNothing(answers[3...]) : (try? answers[5].get()) != nil { isClean = true }
    return try answers[2].get().rows
  }

  private static let beginReadOnly: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
  private static let beginReadWrite: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

  private static let settings: SQL = """
    SELECT pg_catalog.current_setting('transaction_read_only'), pg_catalog.current_setting('hypopg.enabled', true),
      pg_catalog.set_config('statement_timeout', $1, true),
      pg_catalog.set_config('lock_timeout', $2, true),
      pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true),
      pg_catalog.set_config('jit', coalesce($4, pg_catalog.current_setting('jit')), true),
      pg_catalog.set_config('standard_conforming_strings', 'on', true),
      pg_catalog.set_config('application_name', $5, true),
      pg_catalog.set_config('search_path', COALESCE($6, pg_catalog.current_setting('search_path')), true)
    """

  private static let conditionalSettings: SQL = settings + BoundedSettings.condition("$7")
}

extension ReadOnlyLimits {
  fileprivate var values: [String?] {
    timeouts + [Self.setting(idleTimeout), allowsJIT ? nil : "off"]
  }

  /// Of a statement and of a lock, as settings.
  var timeouts: [String?] { [Self.setting(statementTimeout), Self.setting(lockTimeout)] }

  private static func setting(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    // 0 would mean no limit at all.
    return "\(max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000))ms"
  }
}
