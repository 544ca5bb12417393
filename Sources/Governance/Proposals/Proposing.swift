// From a statement that may only be proposed to a proposal in the store.

import Database
import JSON

/// What a call answers with instead of rows.
package struct OpenedProposal: Sendable {
  package var proposal: Proposal
  /// False: the same statement waited already.
  package var isNew: Bool
}

extension Governor {
  /// - Returns: when it survives a power failure.
  func propose(
    _ text: String, _ values: [String?], _ verdict: Verdict, on database: GovernedDatabase, for call: GovernedCall
  ) async throws(GovernedFailure) -> OpenedProposal {
    guard let desk = proposals else {
      throw GovernedFailure("nothing can be proposed here", advice: "An operator has to name a store (server.store)")
    }
    let size = values.reduce(text.utf8.count) { $0 + ($1?.utf8.count ?? 0) }
    guard size <= desk.rules.textBytes else {
      throw GovernedFailure(
        "the statement has \(size) bytes, and a proposal takes \(desk.rules.textBytes)", advice: "Propose it in parts")
    }
    let target = try await database.changeTarget(of: text, verdict, for: call)
    // Before anybody is told of the proposal. Whoever decides sees that nothing was found out, where that is so.
    let grants = Grants(
      call.caller.principal, verdict.permissions.union([.explain, .read]),
      policy: call.caller.policies[database.connection.name])
    let evidence = try? await database.evidence(of: text, values, for: call, by: grants, Examination())
    let earlier = try? await desk.earlierCalls(of: call.caller.principal, on: database.connection.name)
    let content = ProposalContent(
      text: text, values: values, permissions: verdict.permissions, rule: verdict.rule, message: verdict.message,
      relations: verdict.relations.map(\.qualifiedName), target: target, evidence: evidence?.json.text(),
      expectedRows: evidence?.expectedRows.map { Int($0) },
      tool: call.tool, callID: call.callID, client: call.client, session: call.session, trace: call.traceID,
      earlier: earlier)
    do throws(ProposalRefusal) {
      let (proposal, isNew) = try await desk.open(content, by: call.caller.principal)
      return OpenedProposal(proposal: proposal, isNew: isNew)
    } catch {
      throw GovernedFailure(error)
    }
  }

  /// The caller's own proposals, as they stand: what has ended meanwhile is found out.
  package func proposal(_ id: String, for call: GovernedCall) async throws(GovernedFailure) -> Proposal {
    do throws(ProposalRefusal) {
      guard let desk = proposals else { throw ProposalDesk.absent(id) }
      let proposal = try await desk.own(id, of: call.caller.principal)
      guard proposal.state == .running, let database = databases[proposal.connection] else { return proposal }
      let run = ProposalRun(settling: desk, on: database.connection)
      // What cannot be found out now is found out later.
      do throws(ProposalRefusal) { return try await run.settled(proposal) } catch { return proposal }
    } catch {
      throw GovernedFailure(error)
    }
  }

  package func withdraw(_ id: String, for call: GovernedCall) async throws(GovernedFailure) -> Proposal {
    do throws(ProposalRefusal) {
      guard let desk = proposals else { throw ProposalDesk.absent(id) }
      return try await desk.withdraw(id, by: call.caller.principal)
    } catch {
      throw GovernedFailure(error)
    }
  }

  package func proposals(for call: GovernedCall) async throws(GovernedFailure) -> (proposals: [Proposal], now: Int64) {
    do throws(ProposalRefusal) {
      guard let desk = proposals else { return ([], 0) }
      return (try await desk.list(of: call.caller.principal), try await desk.now())
    } catch {
      throw GovernedFailure(error)
    }
  }
}

extension GovernedFailure {
  init(_ refusal: ProposalRefusal) {
    self.init(refusal.message, advice: refusal.advice)
    isOurs = true
  }
}
