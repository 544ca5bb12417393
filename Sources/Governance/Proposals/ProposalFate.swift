// What came of a run whose end nobody has told: its transaction is asked about, and nothing is run again.

import Database
import JSON

extension ProposalRun {
  /// The same proposal, or how it ended: whoever ran it may have been killed.
  package func settled(_ proposal: Proposal) async throws(ProposalRefusal) -> Proposal {
    guard proposal.state == .running, let execution = proposal.execution else { return proposal }
    let (fate, isPooled) = try await withSession { session in
      (try await session.fate(of: execution.identity), session.server.isPooled)
    }
    let now = try await desk.now()
    // A pooler's sessions outlive whoever used them.
    let isThere = fate.isRunning && (!isPooled || now < execution.lease)
    guard let (state, outcome) = Self.end(of: execution, fate, isThere: isThere) else { return proposal }
    return try await desk.found(proposal.id, execution, state, outcome)
  }

  /// Nil: it goes on.
  private static func end(
    of execution: Proposal.Execution, _ fate: TransactionFate, isThere: Bool
  ) -> (ProposalState, Proposal.Outcome)? {
    var outcome = Proposal.Outcome()
    outcome.isFound = true
    outcome.tries = execution.tries
    guard execution.identity.transaction != nil else {
      if isThere { return nil }
      outcome.message = "who ran it was killed, and it ran outside of a transaction"
      outcome.advice = execution.lookAt.map { "Look at \($0)" }
      return (.unknown, outcome)
    }
    switch fate.status {
    case "in progress": return nil
    case "committed" where fate.isSameServer:
      outcome.message = "who ran it was killed after it was kept"
      return (.done, outcome)
    case "aborted":
      // Between two tries.
      if isThere { return nil }
      outcome.message = "who ran it was killed before it was kept: nothing of it was"
      return (.failed, outcome)
    case "committed":
      // A crash may give a number that no record on disk has to the next one.
      outcome.message = "the server has started anew since, and cannot tell whether it was kept"
    default: outcome.message = "the server has forgotten whether it was kept"
    }
    outcome.advice = "Look at what it changes"
    return (.unknown, outcome)
  }

  /// After the session was lost: asks a few times, for the server may be about to start.
  func foundOut(_ proposal: Proposal) async throws(ProposalRefusal) -> Proposal {
    let desk = desk
    let run = self
    // Whoever has cancelled wants to know too.
    let result = await Task { () -> Result<Proposal, ProposalRefusal> in
      for attempt in 0..<ProposalRules.questions {
        if attempt > 0 { try? await Task.sleep(for: .milliseconds(250)) }
        do throws(ProposalRefusal) {
          guard let now = try await desk.find(proposal.id) else { break }
          let found = try await run.settled(now)
          if found.state != .running { return .success(found) }
        } catch { continue }
      }
      return .failure(
        ProposalRefusal(
          .failure, "the session was lost, and it is not known yet what came of the proposal \(proposal.id)",
          advice: "pgadvisor proposals show \(proposal.id) finds it out; it is not run again"))
    }.value
    return try result.get()
  }

  func withSession<R: Sendable>(
    _ body: (Session) async throws -> R
  ) async throws(ProposalRefusal) -> R {
    do {
      let session = try await Session.open(connection.target, timeout: connection.pool.connectTime)
      do {
        let result = try await body(session)
        await session.close()
        return result
      } catch {
        await session.close()
        throw error
      }
    } catch let refusal as ProposalRefusal {
      throw refusal
    } catch let failure as ExecutionFailure {
      throw ProposalRefusal(.failure, failure.message, advice: failure.advice)
    } catch let failure as GovernedFailure {
      throw ProposalRefusal(.failure, failure.message, advice: failure.advice)
    } catch let error as DatabaseError {
      throw ProposalRefusal(.failure, error.message, advice: error.advice)
    } catch {
      throw ProposalRefusal(.failure, "\(error)")
    }
  }

  /// Whether it has helped: the statements that it was to help, before it ran and since.
  package func measuredAgain(_ proposal: Proposal) async throws(ProposalRefusal) -> [MeasuredAgain] {
    guard proposal.state == .done, let baseline = proposal.outcome?.baseline, !baseline.isEmpty else { return [] }
    return try await withSession { session in try await session.measuredAgain(baseline) }
  }
}

extension ProposalContent {
  /// Of the statements that touch what it changes, when it was proposed.
  var baseline: [StatementBaseline] {
    evidence.flatMap { try? JSONValue(parsing: $0) }.flatMap { ChangeEvidence(json: $0) }?.baseline ?? []
  }
}
