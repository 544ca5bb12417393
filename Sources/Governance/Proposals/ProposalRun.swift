// Runs what was approved: at most once, on what it was approved for, and so that anybody can find out afterwards.

import Database

/// One proposal's way through its database, with a session of its own.
package struct ProposalRun: Sendable {
  let desk: ProposalDesk
  let connection: GovernedConnection
  /// What the agent may do now, with what it may propose.
  let grants: Grants

  var rules: ProposalRules { desk.rules }

  /// - Throws: when the agent may not propose this any more, whoever approves it.
  package init(
    of proposal: Proposal, by desk: ProposalDesk, on connections: [GovernedConnection], _ directory: Directory
  ) throws(ProposalRefusal) {
    guard let connection = connections.first(where: { $0.name == proposal.connection }) else {
      throw ProposalRefusal(.agent, "there is no connection \(proposal.connection) any more")
    }
    guard let caller = directory.caller(agent: proposal.principal.name), caller.principal == proposal.principal else {
      throw ProposalRefusal(.agent, "the agent \(proposal.principal.name) may not come any more")
    }
    try self.init(of: proposal, by: desk, on: connection, for: caller)
  }

  /// - Parameter caller: the agent whose proposal it is, as it may come now.
  init(
    of proposal: Proposal, by desk: ProposalDesk, on connection: GovernedConnection, for caller: Caller
  ) throws(ProposalRefusal) {
    let proposed = caller.proposed[connection.name] ?? []
    let grants = Grants(
      caller.principal, caller.permissions[connection.name] ?? [], proposed: proposed,
      policy: caller.policies[connection.name]
    ).approved
    guard proposal.content.permissions.isSubset(of: grants.permissions) else {
      throw ProposalRefusal(.agent, "the agent \(proposal.principal.name) may not propose this any more")
    }
    self.init(desk: desk, connection: connection, grants: grants)
  }

  /// To find out what came of one, and for nothing else.
  package init(settling desk: ProposalDesk, on connection: GovernedConnection) {
    self.init(desk: desk, connection: connection, grants: Grants(Principal(name: ""), []))
  }

  private init(desk: ProposalDesk, connection: GovernedConnection, grants: Grants) {
    self.desk = desk
    self.connection = connection
    self.grants = grants
  }

  // MARK: - Looking

  /// What is not as it was when it was proposed; empty: it could run.
  package func drift(of proposal: Proposal) async throws(ProposalRefusal) -> [String] {
    try await withSession { session in
      var executor = executor(for: proposal, on: session)
      let found = try await executor.look(at: proposal.content.text, by: grants, on: connection.name)
      guard found.isCovered else { return ["the gate refuses it now: \(found.verdict.message)"] }
      return changes(found.target, of: proposal)
    }
  }

  private func changes(_ target: ChangeTarget, of proposal: Proposal) -> [String] {
    let changes = target.changes(since: proposal.content.target)
    let isSame = target.digest(of: proposal.content.text, proposal.content.values) == proposal.digest
    return isSame ? [] : changes.isEmpty ? ["it is bound to something else"] : changes
  }

  private func compare(_ verdict: Verdict, _ session: Session, _ proposal: Proposal) async throws {
    let names = try ChangeNames(proposal.content.text, verdict).lists()
    let found = changes(try await session.changeTarget(connection.name, names), of: proposal)
    guard found.isEmpty else {
      throw ProposalRefusal(
        .drift, "not what was approved any more: \(found.prefix(5).joined(separator: "; "))",
        advice: "It has to be proposed anew")
    }
  }

  // MARK: - Running

  /// - Returns: the proposal when it has ended, or as it stands where nobody knows yet.
  package func run(_ proposal: Proposal, by act: Proposal.Act) async throws(ProposalRefusal) -> Proposal {
    if proposal.state == .running { throw Self.underWay(proposal) }
    var claim = Claim(by: act, of: proposal, at: desk)
    do {
      return try await withSession { session in
        // Without statistics there is nothing to compare with afterwards.
        claim.baseline = (try? await session.refreshed(proposal.content.baseline)) ?? []
        switch RunningForm.of(proposal.content.text) {
        case .transaction: return try await tries(&claim, on: session)
        case .alone(let lookAt): return try await alone(&claim, lookAt, on: session)
        }
      }
    } catch {
      if claim.isTaken {
        // The session is lost, and with it perhaps the answer to COMMIT.
        return try await foundOut(proposal)
      }
      if error.code == .drift { _ = try await claim.end(.failed, Proposal.Outcome(message: error.message)) }
      throw error
    }
  }

  private static func underWay(_ proposal: Proposal) -> ProposalRefusal {
    ProposalRefusal(.state, "the proposal \(proposal.id) runs already", advice: "proposals show tells what came of it")
  }

  private func tries(_ claim: inout Claim, on session: Session) async throws -> Proposal {
    let start = ContinuousClock.now
    var tries = 0
    var pause = rules.pause
    while true {
      tries += 1
      do {
        let rows = try await perform(&claim, on: session)
        var outcome = Proposal.Outcome()
        outcome.rows = rows.affectedRows
        return try await claim.end(.done, outcome.with(tries, since: start))
      } catch let failure as ExecutionFailure {
        guard claim.isTaken else { throw failure }
        if failure.isAboutTheSession { throw failure }
        if failure.isPassing, tries < rules.tries, !Task.isCancelled {
          do {
            try await Task.sleep(for: pause)
            pause *= 2
            continue
          } catch {}
        }
        return try await claim.end(.failed, Proposal.Outcome(failure).with(tries, since: start))
      } catch let refusal as ProposalRefusal {
        guard claim.isTaken, refusal.code != .state else { throw refusal }
        return try await claim.end(.failed, Proposal.Outcome(message: refusal.message).with(tries, since: start))
      }
    }
  }

  private func perform(_ claim: inout Claim, on session: Session) async throws -> StreamedRows {
    let proposal = claim.proposal
    var executor = executor(for: proposal, on: session)
    let isDefinition = !proposal.content.permissions.isDisjoint(with: [.ddl, .admin])
    return try await executor.perform(asked(proposal)) { verdict, session in
      try await compare(verdict, session, proposal)
      try await session.commitDurably()
      try await claim.take(try await session.transactionIdentity(giving: true), lookAt: nil)
    } after: { rows, verdict, session in
      if let expected = proposal.content.expectedRows, let affected = rows.affectedRows,
        Double(affected) > Double(expected) * rules.rowFactor + 10
      {
        throw ProposalRefusal(
          .drift,
          "\(affected) rows would have been touched, and \(expected) were when it was proposed: nothing was kept",
          advice: "It has to be proposed anew")
      }
      // What it has locked cannot change any more; what it defines has changed by itself.
      if !isDefinition { try await compare(verdict, session, proposal) }
    }
  }

  private func alone(_ claim: inout Claim, _ lookAt: String, on session: Session) async throws -> Proposal {
    let start = ContinuousClock.now
    let proposal = claim.proposal
    var executor = executor(for: proposal, on: session)
    let statement = try await executor.admittedAlone(asked(proposal)) { verdict, session in
      try await compare(verdict, session, proposal)
    }
    try await claim.take(try await session.transactionIdentity(giving: false), lookAt: lookAt)
    let result: StreamedRows
    do throws(DatabaseError) {
      result = try await session.runAlone(statement, limits(for: proposal).bounds, limits: connection.limits.rows)
    } catch {
      let failure = ExecutionFailure(error)
      if failure.isAboutTheSession { throw failure }
      var outcome = Proposal.Outcome(failure)
      outcome.advice = "It ran outside of a transaction. Look at \(lookAt)"
      return try await claim.end(.failed, outcome.with(1, since: start))
    }
    var outcome = Proposal.Outcome()
    outcome.rows = result.affectedRows
    return try await claim.end(.done, outcome.with(1, since: start))
  }

  private func asked(_ proposal: Proposal) -> Asked {
    Asked(
      text: proposal.content.text, values: proposal.content.values, grants: grants, taking: .cells, writing: .readWrite)
  }

  private func executor(for proposal: Proposal, on session: Session) -> Executor {
    var options = GateOptions(for: connection)
    if grants.policy?.hides ?? false { options = options.policed }
    return Executor(on: session, options: options, limits: limits(for: proposal))
  }

  private func limits(for proposal: Proposal) -> ExecutionLimits {
    var limits = connection.limits
    limits.bounds.lockTimeout = rules.lockTimeout
    limits.bounds.statementTimeout = rules.statementTimeout
    limits.bounds.transactionTimeout = max(
      limits.bounds.transactionTimeout, rules.statementTimeout + rules.lockTimeout + .seconds(60))
    limits.bounds.applicationName = "pgadvisor proposal \(proposal.id)"
    limits.comment = StatementComment([
      ("action", "proposal"), ("agent", proposal.principal.name), ("proposal", proposal.id),
      ("user", proposal.principal.onBehalfOf),
    ])
    return limits
  }
}

extension GateOptions {
  /// As callers of this connection are judged.
  init(for connection: GovernedConnection) {
    self.init()
    allowedFunctions = connection.allowedFunctions
    allowedSchemas = connection.schemas
    runsUnproven = connection.mode == .unrestricted
  }
}

extension ExecutionFailure {
  /// Nothing was kept, and it may go better in a moment: `lock_not_available`, `deadlock_detected`,
  /// `serialization_failure`.
  fileprivate var isPassing: Bool { ["55P03", "40P01", "40001"].contains(sqlState) }

  /// Nobody has said what came of it.
  fileprivate var isAboutTheSession: Bool {
    isLost || sqlState.map { $0.hasPrefix("57P") || $0.hasPrefix("08") } ?? false
  }
}

extension Proposal.Outcome {
  fileprivate init(_ failure: ExecutionFailure) {
    self.init(
      message: failure.sqlState == "57014" ? "it was cancelled, or took too long: \(failure.message)" : failure.message)
    sqlState = failure.sqlState
    advice = failure.advice
  }

  fileprivate func with(_ tries: Int, since start: ContinuousClock.Instant) -> Proposal.Outcome {
    var outcome = self
    outcome.tries = tries
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    outcome.milliseconds = (Double(seconds) * 1_000 + Double(attoseconds) / 1e15).rounded()
    return outcome
  }
}
