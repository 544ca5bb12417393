// One configured connection at work: its pool, and what its names were found to mean.

import Database
import Store
import Synchronization

extension ExecutionLimits {
  /// No more than a policy allows, and nothing of it beyond that for later.
  fileprivate mutating func narrow(by limits: PolicyLimits) {
    if let most = limits.rows, most <= rows.rows {
      rows.rows = most
      kept.pages = 1
    }
    if let most = limits.bytes, most <= rows.bytes {
      rows.bytes = most
      kept.pages = 1
    }
  }

  /// What was the bound of an answer becomes that of a page, and some pages are taken.
  fileprivate mutating func paging(into spool: Spool) -> RowTaking {
    let page = PageLimits(rows: rows.rows, bytes: rows.bytes, pages: max(1, kept.pages))
    let (wanted, isTooMuch) = rows.rows.multipliedReportingOverflow(by: page.pages)
    rows.rows = isTooMuch ? .max : wanted
    let (bytes, isTooLarge) = rows.bytes.multipliedReportingOverflow(by: page.pages)
    rows.bytes = min(isTooLarge ? .max : bytes, rows.bytes + (page.pages > 1 ? max(0, kept.bytes) : 0))
    return .json(spool, page)
  }
}

/// A connection's sessions and the gate's memory, shared by all callers.
actor GovernedDatabase {
  nonisolated let connection: GovernedConnection
  private nonisolated let pool: Pool
  private nonisolated let options: GateOptions
  /// Behind a lock, since every call looks at it and nothing has to be waited for.
  private nonisolated let memory = Mutex<GateMemory?>(nil)
  /// The same of the gate for callers with a policy.
  private nonisolated let policedMemory = Mutex<GateMemory?>(nil)
  nonisolated let quotas: QuotaCounter
  /// Answers to settled questions, by their values.
  private nonisolated let settled = Mutex<[[String?]: SettledAnswer]>([:])
  private var probe: (time: ContinuousClock.Instant, answer: Task<Bool, Never>)?

  init(_ connection: GovernedConnection, ledger: (any QuotaLedger)? = nil) {
    self.connection = connection
    quotas = QuotaCounter(connection.name, ledger)
    pool = Pool(connection.target, limits: connection.pool)
    options = GateOptions(for: connection)
  }

  nonisolated var usage: PoolUsage { get async { await pool.usage } }

  /// Whether it answers, asked at most once a second by all together.
  func isReachable() async -> Bool {
    if let probe, .now - probe.time < .seconds(1) { return await probe.answer.value }
    let pool = pool
    let answer = Task {
      do { return try await pool.lend { try await $0.rows("SELECT true", as: Bool.self) } == [true] } catch {
        // Somebody uses every session: then there are sessions.
        return (error as? DatabaseError)?.code == .busy
      }
    }
    probe = (.now, answer)
    return await answer.value
  }

  private nonisolated func remember(_ memory: GateMemory, under policy: EffectivePolicy?) {
    if policy?.hides ?? false {
      policedMemory.withLock { $0 = memory }
    } else {
      self.memory.withLock { $0 = memory }
    }
  }

  private nonisolated func remembered(under policy: EffectivePolicy?) -> GateMemory? {
    policy?.hides ?? false ? policedMemory.withLock { $0 } : memory.withLock { $0 }
  }

  nonisolated func options(under policy: EffectivePolicy?) -> GateOptions {
    policy?.hides ?? false ? options.policed : options
  }

  nonisolated func outcome(
    of text: String, _ values: [String?], by grants: Grants, for call: GovernedCall, rows: Int?, watch: RowWatch?,
    isRehearsed: Bool
  ) async throws(GovernedFailure) -> GovernedOutcome {
    var limits = connection.limits
    if let policy = grants.policy { limits.narrow(by: policy.limits) }
    if let rows { limits.rows.rows = max(1, min(rows, limits.rows.rows)) }
    let spool = watch.map { _ in Spool() }
    let taking = spool.map { limits.paging(into: $0) } ?? .cells
    if let spool { watch?.begin(spool) }
    limits.bounds.applicationName = call.label
    limits.comment = call.comment
    do {
      let memory = remembered(under: grants.policy)
      let options = options(under: grants.policy)
      let (execution, after) = try await pool.lend { session in
        var executor = Executor(on: session, options: options, limits: limits, memory: memory, discarding: true)
        let execution = try await executor.answer(
          to: text, values, by: grants, taking: taking, isRehearsed: isRehearsed)
        return (execution, executor.memory)
      }
      remember(after, under: grants.policy)
      switch execution {
      case .refused(let verdict): return .refused(verdict)
      case .proposed(let verdict): return .proposed(verdict, nil)
      case .finished(let rows, let verdict): return .finished(GovernedRows(rows, spool: spool), verdict)
      }
    } catch {
      throw Self.failure(error)
    }
  }

  /// What a statement that is proposed would run on.
  nonisolated func changeTarget(
    of text: String, _ verdict: Verdict, for call: GovernedCall
  ) async throws(GovernedFailure) -> ChangeTarget {
    let names = try ChangeNames(text, verdict).lists()
    let (bounds, name) = (connection.limits.bounds, connection.name)
    do {
      return try await pool.lend { session in
        try await session.bounded(.readOnly, bounds) { session in try await session.changeTarget(name, names) }
      }
    } catch {
      throw Self.failure(error)
    }
  }

  /// What is remembered is enough for a verdict that holds as long as the mark does.
  nonisolated func judgeFromMemory(
    _ text: String, under policy: EffectivePolicy?
  ) -> (verdict: Verdict, mark: String)? {
    let memory = remembered(under: policy)
    return memory?.verdict(on: text, under: policy)
  }

  nonisolated func judge(_ text: String, under policy: EffectivePolicy?) async throws(GovernedFailure) -> Verdict {
    try await judging(under: policy) { (executor) throws(ExecutionFailure) in
      try await executor.verdict(on: text, under: policy)
    }
  }

  /// Lends the gate on a session of its own; nothing runs there but questions of ours.
  nonisolated func judging<Found: Sendable>(
    under policy: EffectivePolicy?, _ body: @Sendable (inout Executor) async throws(ExecutionFailure) -> Found
  ) async throws(GovernedFailure) -> Found {
    do {
      let memory = remembered(under: policy)
      let options = options(under: policy)
      let (found, after) = try await pool.lend { session in
        var executor = Executor(
          on: session, options: options, limits: connection.limits, memory: memory, discarding: true)
        let found = try await body(&executor)
        return (found, executor.memory)
      }
      remember(after, under: policy)
      return found
    } catch {
      throw Self.failure(error)
    }
  }

  nonisolated func lend<R: Sendable>(
    for call: GovernedCall, ours: Bool, _ body: @Sendable (Session) async throws -> R
  ) async throws -> R {
    do {
      return try await pool.lend(ours: ours) { session in
        await session.name(call.label)
        return try await body(session)
      }
    } catch let error as DatabaseError {
      throw Self.failure(error)
    }
  }

  /// Asks for what is in the catalog.
  nonisolated func browse(
    _ what: Browse, path: [String]?, for call: GovernedCall
  ) async throws(GovernedFailure) -> String {
    do {
      return try await pool.lend(ours: true) { session in
        await session.name(call.label)
        guard what.isSettled, path == nil else { return try await session.browse(what, path: path) }
        let answer = try await session.browse(what, unless: settled.withLock { $0[what.values] })
        settled.withLock { settled in
          if settled.count >= Self.settledAnswers { settled = [:] }
          settled[what.values] = answer.text.utf8.count <= Self.settledBytes ? answer : nil
        }
        return answer.text
      }
    } catch {
      throw Self.failure(error)
    }
  }

  /// Kept at most, and the longest of them.
  private static let settledAnswers = 32
  private static let settledBytes = 65_536

  private static func failure(_ error: any Error) -> GovernedFailure {
    switch error {
    case let failure as GovernedFailure: failure
    case let failure as ExecutionFailure:
      GovernedFailure(failure)
    case let error as DatabaseError where isAboutConnecting(error.code): unreachable(error)
    case let error as DatabaseError: GovernedFailure(error)
    default: GovernedFailure("\(error)")
    }
  }

  /// Names of hosts and roles are for the operator: the record has them, the answer has not.
  private static func unreachable(_ error: DatabaseError) -> GovernedFailure {
    let reason = inShort(error.code)
    var failure = GovernedFailure(
      "the database cannot be reached now\(reason.map { ": \($0)" } ?? "")",
      advice: mayPass(error.code)
        ? "Try again later; an operator finds the whole reason in the audit"
        : "An operator has to correct that, and finds the whole reason in the audit")
    failure.detail = error.description
    return failure
  }

  private static func mayPass(_ code: DatabaseError.Code) -> Bool {
    switch code {
    case .unreachable, .connectTimeout, .tooManyConnections, .startingUp, .shuttingDown, .connectionFailed,
      .connectionLost:
      true
    default: false
    }
  }

  /// What whoever has misspelt something in the configuration needs to know, and nobody else can make use of.
  private static func inShort(_ code: DatabaseError.Code) -> String? {
    switch code {
    case .invalidTarget: "its URL cannot be read"
    case .serviceNotFound: "its service is in no service file"
    case .unreachable: "nobody answers at its address"
    case .connectTimeout: "no answer came in time"
    case .wrongPassword: "the password is not the role's"
    case .passwordMissing: "it wants a password, and none is configured"
    case .noSuchRole: "there is no such role"
    case .loginNotPermitted: "the role may not log in there"
    case .noSuchDatabase: "there is no database of this name"
    case .tlsRequired: "it wants TLS"
    case .tlsUnsupported: "it has no TLS"
    case .certificateNotTrusted, .certificateHostMismatch: "its certificate is not trusted"
    case .refusedByHBA, .authenticationFailed: "it does not let this login in"
    case .tooManyConnections: "it has no connection left"
    case .startingUp: "it is starting"
    case .shuttingDown: "it is shutting down"
    case .serverTooOld: "its version is too old"
    default: nil
    }
  }

  private static func isAboutConnecting(_ code: DatabaseError.Code) -> Bool {
    switch code {
    case .invalidTarget, .serviceNotFound, .unreachable, .connectTimeout, .wrongPassword, .passwordMissing, .noSuchRole,
      .loginNotPermitted, .noSuchDatabase, .tlsRequired, .tlsUnsupported, .certificateNotTrusted,
      .certificateHostMismatch, .tlsFailed, .refusedByHBA, .authenticationFailed, .tooManyConnections, .startingUp,
      .shuttingDown, .serverTooOld, .startupParameterRefused, .connectionFailed, .connectionLost:
      true
    default: false
    }
  }
}
