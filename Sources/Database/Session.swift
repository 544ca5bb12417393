// One session with a PostgreSQL server: asks, plans, cancels.

/// One connection. Calls on it are served one after the other, in the order they come.
///
/// Nothing relies on start-up parameters, on settings outside a transaction or, behind a pooler, on named prepared
/// statements, so a session works through PgBouncer in transaction mode.
package actor Session {
  package nonisolated let server: ServerInfo
  private nonisolated let canceller: Canceller
  /// nil once closed.
  private var wire: Wire?
  private var turnstile = Turnstile()
  /// Statements that the server has parsed as one, so that they may go by the simple protocol.
  private var provenSingle: Set<String> = []
  /// What pg_stat_activity calls the next transactions that only read; `clean` takes it back.
  package private(set) var applicationName = usualApplicationName
  static let usualApplicationName = "pgadvisor"
  /// Set while `within` runs.
  var catalogScope: Set<RelationID>?
  /// Set while `bounded` runs.
  var boundedTransaction: BoundedTransaction?
  /// How the last transaction of that kind began.
  var quickBeginning: QuickBeginning?
  /// hypopg's library is loaded, and is cleaned after each user since.
  var knowsHypothetical = false
  /// Nothing of the last user is left: set by what has seen to it, and true until something else is sent.
  var isClean = true
  /// Only questions of ours are asked here, which leave nothing behind: they are prepared, and there is nothing to clean.
  private(set) var isOurs = false
  /// Settings of the last `bounded` that this role may not make: there the server's own hold.
  package internal(set) var refusedSettings: [String] = []

  private init(_ wire: Wire, server: ServerInfo) {
    self.server = server
    canceller = wire.canceller
    self.wire = wire
  }

  /// Connects and looks at the server, within `timeout` or the target's own `connect_timeout`.
  /// - Parameter reactor: shared between the sessions of a pool; a session of its own has its own.
  /// - Throws: what keeps us out, with advice; `.serverTooOld` below PostgreSQL 13.
  package static func open(
    _ target: ConnectionTarget, timeout: Duration = .seconds(10), on reactor: Reactor = Reactor()
  ) async throws(DatabaseError) -> Session {
    let deadline = ContinuousClock.now + (target.timeout ?? timeout)
    let connection = try await ConnectionAttempt.connection(to: target, until: deadline, on: reactor)
    let wire = Wire(connection, on: reactor)
    do throws(DatabaseError) {
      let server = try await ServerInfo.read(on: wire, until: deadline)
      if server.isPooled { wire.waitAtBoundaries() }
      return Session(wire, server: server)
    } catch {
      throw error.code == .connectTimeout ? ConnectionAdvice.timedOut(target) : error
    }
  }

  /// Ends the session; what runs is waited for. Everything asked afterwards fails with `.closed`.
  package func close() async {
    guard await enter(isCancellable: false) else { return }
    wire = nil
    turnstile.leave()
  }

  /// Runs the steps in one pipeline; one result for each, in order.
  /// - Throws: only when the connection is lost or closed.
  package func run(_ steps: [Step]) async throws(DatabaseError) -> [Result<StepRows, DatabaseError>] {
    if steps.contains(where: \.isGenericPlan) { return try await runWithGenericPlans(steps) }
    return try await exchange(steps.map { .step($0) }).map { answer in answer.map(\.rows) }
  }

  /// Asks one question and decodes its rows by column name.
  package func rows<Row: Decodable & Sendable>(
    _ question: SQL, _ values: [String?] = [], as type: Row.Type = Row.self
  ) async throws(DatabaseError) -> [Row] {
    try await exchange([.step(.statement(question, values))])[0].get().rows.decoded(as: type)
  }

  /// Runs one statement for its effect.
  package func execute(_ statement: SQL, _ values: [String?] = []) async throws(DatabaseError) {
    _ = try await exchange([.step(.statement(statement, values))])[0].get()
  }

  /// Makes a clean session one for our questions alone, or one for everybody again. Behind a pooler nothing stays
  /// prepared, and it is always the latter.
  /// - Returns: false when that could not be done in time: then it is to be closed.
  func devote(toOurs: Bool, within time: Duration) async -> Bool {
    guard isOurs != toOurs, !server.isPooled, let wire else { return !isClosed }
    guard isOurs || isClean else { return false }
    isOurs = toOurs
    wire.prepares(toOurs)
    if toOurs { return true }
    // Takes away what was prepared.
    isClean = false
    return await clean(within: time)
  }

  package func name(_ applicationName: String) { self.applicationName = applicationName }

  /// Cancels what runs, if anything does: it fails with `.cancelled`, and the session stays usable.
  package nonisolated func cancel() async { canceller.request() }

  /// What `bounded` has noted of the cluster when the transaction began: two transactions with the same mark see the same
  /// catalog. Nil outside of one, and where the server cannot tell.
  package var transactionMark: String? { boundedTransaction?.mark }

  /// A transaction is open, or has failed and waits for its ROLLBACK.
  var isInTransaction: Bool { wire?.isInTransaction ?? false }

  var hasFailedTransaction: Bool { wire?.hasFailedTransaction ?? false }

  var isClosed: Bool { wire == nil }

  /// Closed, or the server has ended the connection while nobody asked anything.
  var hasHungUp: Bool { wire?.hasHungUp ?? true }

  // MARK: - One at a time

  /// Sends foreign text that was proven to be one statement by the simple protocol.
  func exchangeSimply(_ request: PlanRequest) async throws(DatabaseError) -> Result<Answer, DatabaseError> {
    guard isProvenSingle(request) else {
      throw DatabaseError(code: .protocolViolation, message: "a statement was not proven to be one statement")
    }
    guard await enter(isCancellable: true) else { return .failure(.cancelledBeforeStart) }
    defer { turnstile.leave() }
    guard let wire else { throw .closed }
    if isOurs { throw Self.foreign }
    isClean = false
    return try await cancelling { () async throws(DatabaseError) in try await wire.exchangeSimply(request.command) }
  }

  func isProvenSingle(_ request: PlanRequest) -> Bool { provenSingle.contains(request.command) }

  func rememberSingle(_ request: PlanRequest) {
    // Bounded: what is forgotten is parsed once more.
    if provenSingle.count >= 4_096 { provenSingle = [] }
    provenSingle.insert(request.command)
  }

  /// Waits for its turn, sends, and returns the answers. Cancelling the task cancels what the server does.
  ///
  /// - Parameters:
  ///   - isCancellable: false for what must happen whatever happens, such as ROLLBACK.
  ///   - deadline: when to give up the connection.
  func exchange(
    _ requests: [Request], isCancellable: Bool = true, until deadline: ContinuousClock.Instant? = nil
  ) async throws(DatabaseError) -> [Result<Answer, DatabaseError>] {
    guard await enter(isCancellable: isCancellable) else {
      return requests.map { _ in .failure(.cancelledBeforeStart) }
    }
    defer { turnstile.leave() }
    guard let wire else { throw .closed }
    if isOurs, requests.contains(where: \.isForeign) { throw Self.foreign }
    isClean = false
    guard isCancellable else { return try await wire.exchange(requests, until: deadline) }
    return try await cancelling { () async throws(DatabaseError) in
      try await wire.exchange(requests, until: deadline)
    }
  }

  private func cancelling<R>(_ body: () async throws(DatabaseError) -> R) async throws(DatabaseError) -> R {
    canceller.begin()
    let result: Result<R, DatabaseError> = await withTaskCancellationHandler {
      do throws(DatabaseError) { return .success(try await body()) } catch { return .failure(error) }
    } onCancel: {
      canceller.request()
    }
    await canceller.end()
    return try result.get()
  }

  /// False: cancelled while waiting.
  private func enter(isCancellable: Bool) async -> Bool {
    if isCancellable && Task.isCancelled { return false }
    if turnstile.enter() { return true }
    let ticket = turnstile.ticket()
    guard isCancellable else {
      return await withCheckedContinuation { turnstile.wait(ticket, $0) }
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { turnstile.wait(ticket, $0) }
    } onCancel: {
      Task { await self.giveUp(ticket) }
    }
  }

  private static let foreign = DatabaseError(
    code: .protocolViolation, message: "this session is for questions of ours, and a foreign statement was sent")

  private func giveUp(_ ticket: UInt64) { turnstile.giveUp(ticket) }
}
