// The order of things for a caller's statement: connection, gate, grants, run, audit.

package import Database
package import Store

/// Why a call came to nothing, in words for the caller: no secrets, no host names.
package struct GovernedFailure: Error, Sendable, CustomStringConvertible {
  package var message: String
  package var advice: String?
  package var sqlState: String?
  /// Byte offset into the statement.
  package var position: Int?
  /// For the audit alone.
  package var detail: String?
  /// The words are not PostgreSQL's: they quote nothing.
  package var isOurs = false
  /// Of the statement that has failed, for the audit; nil where it was not judged.
  var admitted: Verdict?

  package init(_ message: String, advice: String? = nil, sqlState: String? = nil, position: Int? = nil) {
    self.message = message
    self.advice = advice
    self.sqlState = sqlState
    self.position = position
  }

  package var description: String { advice.map { "\(message). \($0)" } ?? message }
}

/// What came of a statement.
package enum GovernedOutcome: Sendable {
  case refused(Verdict)
  case finished(GovernedRows, Verdict)
  /// It did not run: a person decides. The proposal is nil until it is in the store.
  case proposed(Verdict, OpenedProposal?)
}

/// Runs what callers send on the configured connections. Every call leaves one audit record before its answer does.
package struct Governor: Sendable {
  let databases: [String: GovernedDatabase]
  private let audit: (any AuditLog)?
  private let clock: AuditClock
  /// SHA-256 of the file that all of it stands in.
  private let configuration: String?
  /// nil: nothing can be proposed.
  package let proposals: ProposalDesk?

  /// - Parameters:
  ///   - ledger: where quotas are counted; nil: in this process.
  ///   - configuration: for the records: of the file that all of it stands in.
  ///   - previous: what is configured there as it is here goes on, with its sessions and what it remembers. The rest of
  ///     it ends with the last call that runs there.
  package init(
    _ connections: [GovernedConnection], audit: (any AuditLog)?, ledger: (any QuotaLedger)? = nil,
    proposals: ProposalDesk? = nil, configuration: String? = nil, after previous: Governor? = nil
  ) {
    self.proposals = proposals
    var databases: [String: GovernedDatabase] = [:]
    for connection in connections where databases[connection.name] == nil {
      let known = previous?.databases[connection.name].flatMap { $0.connection == connection ? $0 : nil }
      databases[connection.name] = known ?? GovernedDatabase(connection, ledger: ledger)
    }
    self.databases = databases
    self.audit = audit
    clock = AuditClock()
    self.configuration = configuration
  }

  package var hasConnections: Bool { !databases.isEmpty }

  /// Whether a connection of this name is configured: for names that a caller's own grants hold.
  package func has(_ name: String) -> Bool { databases[name] != nil }

  /// Judges one statement and runs it, as far as the caller's grants on the connection and the tool reach.
  /// - Parameters:
  ///   - toolPermissions: what the tool is for; a statement that needs more is refused whatever is granted.
  ///   - rows: of the answer; nil for the connection's own bound, which is never exceeded.
  ///   - isRehearsed: what it changes is rolled back, whatever happens.
  ///   - watch: with one, rows are taken as pages of JSON, and further pages are read ahead.
  package func outcome(
    of text: String, _ values: [String?] = [], for call: GovernedCall, within toolPermissions: Set<Permission>,
    rows: Int? = nil, watch: RowWatch? = nil, isRehearsed: Bool = false
  ) async throws(GovernedFailure) -> GovernedOutcome {
    let start = ContinuousClock.now
    var record = AuditRecord(
      time: clock.now(), duration: .zero, callID: call.callID, principal: call.caller.principal, tool: call.tool,
      outcome: .failed)
    record.client = call.client
    record.session = call.session
    record.trace = call.traceID
    record.connection = call.connection
    record.sql = text
    let result: Result<GovernedOutcome, GovernedFailure>
    do throws(GovernedFailure) {
      let database = try database(for: call)
      record.connection = database.connection.name
      let granted = call.caller.permissions[database.connection.name] ?? []
      let policy = call.caller.policies[database.connection.name]
      // A rehearsal runs too: it is not what a person would approve.
      let proposed = isRehearsed || proposals == nil ? nil : call.caller.proposed[database.connection.name]
      let grants = Grants(
        call.caller.principal, granted.intersection(toolPermissions),
        proposed: (proposed ?? []).intersection(toolPermissions), policy: policy)
      let outcome = try await database.quotas.counting(call, policy) { () throws(GovernedFailure) in
        let outcome = try await database.outcome(
          of: text, values, by: grants, for: call, rows: rows, watch: watch, isRehearsed: isRehearsed)
        guard case .proposed(let verdict, _) = outcome else { return outcome }
        return .proposed(verdict, try await propose(text, values, verdict, on: database, for: call))
      }
      if audit != nil, case .finished(let rows, _) = outcome { record.result = try rows.digest }
      result = .success(outcome)
    } catch {
      result = .failure(error)
    }
    record.duration = .now - start
    record.take(result)
    try await keep(record)
    return try result.get()
  }

  /// Lends a clean session for our own questions and for planning, to a caller who may do something there.
  ///
  /// Not to callers from whom a policy hides something, unless all that is asked there was judged under it.
  /// - Parameters:
  ///   - ours: for our own questions alone; anything else fails there.
  ///   - isCounted: false for what belongs to a call that lends another time, and is counted then.
  package func lend<R: Sendable>(
    for call: GovernedCall, needing permission: Permission, ours: Bool = false, isJudged: Bool = false,
    isCounted: Bool = true, _ body: @Sendable (Session) async throws -> R
  ) async throws -> R {
    let database = try database(for: call)
    guard call.caller.permissions[database.connection.name]?.contains(permission) ?? false else { throw Self.absent }
    let policy = call.caller.policies[database.connection.name]
    guard !(policy?.hides ?? false) || isJudged else { throw Self.hidden }
    let use = isCounted ? try await database.quotas.begin(call, policy) : .unlimited
    let result: Result<R, any Error>
    do { result = .success(try await database.lend(for: call, ours: ours, body)) } catch { result = .failure(error) }
    await database.quotas.end(use)
    return try result.get()
  }

  /// The verdict alone; refused like a run that is not covered.
  package func judge(_ text: String, for call: GovernedCall) async throws(GovernedFailure) -> Verdict {
    try await database(for: call).judge(text, under: try policy(for: call))
  }

  /// The same without asking: the verdict, and the mark under which it holds. Nil when memory does not suffice.
  package func judgeFromMemory(
    _ text: String, for call: GovernedCall
  ) throws(GovernedFailure) -> (verdict: Verdict, mark: String)? {
    try database(for: call).judgeFromMemory(text, under: try policy(for: call))
  }

  /// The bounds of a call.
  package func bounds(
    for call: GovernedCall
  ) throws(GovernedFailure) -> (rows: Int, bytes: Int, statementTimeout: Duration) {
    let limits = try database(for: call).connection.limits
    return (limits.rows.rows, limits.rows.bytes, limits.bounds.statementTimeout)
  }

  /// Where the connection looks for names; nil: where the role does.
  package func searchPath(for call: GovernedCall) throws(GovernedFailure) -> [String]? {
    try database(for: call).connection.limits.bounds.searchPath
  }

  /// The connection that a call is about.
  package func connectionName(for call: GovernedCall) throws(GovernedFailure) -> String {
    try database(for: call).connection.name
  }

  /// What a caller may know of a connection that is granted to them.
  package func describe(_ name: String) -> (mode: GovernedConnection.Mode, schemas: [String]?)? {
    databases[name].map { ($0.connection.mode, $0.connection.schemas?.sorted()) }
  }

  /// Whether a call may look at the whole database: false where the connection allows some schemas only.
  package func seesAllSchemas(_ call: GovernedCall) throws(GovernedFailure) -> Bool {
    try database(for: call).connection.schemas == nil
  }

  /// What is hidden from the caller there; nil: nothing.
  package func policy(for call: GovernedCall) throws(GovernedFailure) -> EffectivePolicy? {
    call.caller.policies[try database(for: call).connection.name]
  }

  /// Whether anything is hidden from the caller.
  package func hides(from call: GovernedCall) throws(GovernedFailure) -> Bool { try policy(for: call)?.hides ?? false }

  /// The schemas that the call's connection allows, in order; nil: all.
  func allowedSchemas(for call: GovernedCall) throws(GovernedFailure) -> [String]? {
    try database(for: call).connection.schemas?.sorted()
  }

  /// The answer of the catalog of the call's connection, as JSON.
  func browsed(_ what: Browse, path: [String]?, for call: GovernedCall) async throws(GovernedFailure) -> String {
    try await database(for: call).browse(what, path: path, for: call)
  }

  /// Writes the record of a call that ran no statement of the caller's.
  package func note(
    _ call: GovernedCall, since start: ContinuousClock.Instant, about text: String?, _ outcome: AuditRecord.Outcome,
    reason: String? = nil, rows: Int? = nil, verdict: Verdict? = nil
  ) async throws(GovernedFailure) {
    var record = AuditRecord(
      time: clock.now(), duration: .now - start, callID: call.callID, principal: call.caller.principal, tool: call.tool,
      outcome: outcome)
    record.client = call.client
    record.session = call.session
    record.trace = call.traceID
    record.connection = call.connection ?? (try? database(for: call))?.connection.name
    record.sql = text
    record.reason = reason
    record.rows = rows
    if let verdict {
      record.verdict = verdict.strongest?.rawValue ?? "reject"
      record.rule = verdict.rule
    }
    try await keep(record)
  }

  func keep(_ record: AuditRecord) async throws(GovernedFailure) {
    var record = record
    record.configuration = configuration
    do throws(AuditFailure) { try await audit?.append(record) } catch {
      throw GovernedFailure(
        "the call cannot be audited, so its answer is withheld", advice: "An operator has to look at the audit file")
    }
  }

  /// Nobody learns whether a connection exists that they may not use.
  private static let absent = GovernedFailure(
    "there is no such connection, or nothing is granted to you on it",
    advice: "list_connections shows those you can use")

  private static let hidden = GovernedFailure(
    "this looks at the whole database, and a policy hides some of it from you",
    advice: "query, list_objects and describe_table show what there is")

  func database(for call: GovernedCall) throws(GovernedFailure) -> GovernedDatabase {
    if databases.isEmpty {
      throw GovernedFailure(
        "no database is configured", advice: "Start pgadvisor serve with a URL, or set DATABASE_URL or --config")
    }
    if let name = call.connection {
      guard call.caller.reaches(name), let database = databases[name] else { throw Self.absent }
      return database
    }
    let reachable = call.caller.connections.filter { databases[$0] != nil }
    guard reachable.count == 1, let database = databases[reachable[0]] else {
      if reachable.isEmpty { throw Self.absent }
      throw GovernedFailure(
        "which connection is meant?", advice: "Set connection to one of: \(reachable.joined(separator: ", "))")
    }
    return database
  }
}

extension AuditRecord {
  fileprivate mutating func take(_ result: Result<GovernedOutcome, GovernedFailure>) {
    switch result {
    case .success(.finished(let rows, let verdict)):
      outcome = .success
      self.verdict = verdict.strongest?.rawValue
      rule = verdict.rule
      if let policed = verdict.policed, policed.hides {
        rewritten = policed.shown
        (masked, filtered) = (policed.masked, policed.filtered)
      }
      self.rows = rows.affectedRows ?? rows.rowCount
    case .success(.proposed(let verdict, let opened)):
      outcome = .proposed
      self.verdict = verdict.strongest?.rawValue
      rule = verdict.rule
      proposal = opened?.proposal.id
    case .success(.refused(let verdict)):
      outcome = .refused
      self.verdict = verdict.strongest?.rawValue ?? "reject"
      rule = verdict.rule
    case .failure(let failure):
      verdict = failure.admitted?.strongest?.rawValue
      rule = failure.admitted?.rule
      outcome = failure.sqlState == "57014" ? .cancelled : .failed
      reason = failure.detail ?? failure.sqlState ?? failure.message
    }
  }
}
