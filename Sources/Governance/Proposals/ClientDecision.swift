// What the user behind an agent decides in a form of the agent's client, where an operator has allowed it.

extension Governor {
  /// Whether the caller's client may be asked about this one: by name an approver of all that it needs, for oneself.
  package func isDecidable(_ proposal: Proposal, by caller: Caller) -> Bool {
    guard let desk = proposals, desk.rules.allowsOwn, caller.principal.onBehalfOf != nil,
      proposal.principal == caller.principal, proposal.state == .pending
    else { return false }
    let needed = proposal.content.permissions.intersection(Permission.proposable)
    return needed.isSubset(of: caller.decidable[proposal.connection] ?? [])
  }

  /// Approves what a person has typed the hash of, and runs it.
  package func approveAndRun(
    _ id: String, hash: String, for call: GovernedCall
  ) async throws(GovernedFailure) -> Proposal {
    try await deciding(id, for: call) { desk, database, act throws(ProposalRefusal) in
      let proposal = try await desk.approve(id, by: act, hash: hash)
      let run = try ProposalRun(of: proposal, by: desk, on: database.connection, for: call.caller)
      return try await run.run(proposal, by: act)
    }
  }

  package func reject(_ id: String, for call: GovernedCall) async throws(GovernedFailure) -> Proposal {
    try await deciding(id, for: call) { desk, _, act throws(ProposalRefusal) in try await desk.reject(id, by: act) }
  }

  private func deciding(
    _ id: String, for call: GovernedCall,
    _ body: (ProposalDesk, GovernedDatabase, Proposal.Act) async throws(ProposalRefusal) -> Proposal
  ) async throws(GovernedFailure) -> Proposal {
    do throws(ProposalRefusal) {
      guard let desk = proposals else { throw ProposalDesk.absent(id) }
      let proposal = try await desk.own(id, of: call.caller.principal)
      // What is not pending any more is refused by the step itself, which says where it stands.
      var asked = proposal
      asked.state = .pending
      guard isDecidable(asked, by: call.caller), let user = call.caller.principal.onBehalfOf,
        let database = databases[proposal.connection]
      else {
        throw ProposalRefusal(
          .person, "nobody may decide this in a client", advice: "pgadvisor proposals approve is the way")
      }
      let client = call.client.map { " of \($0.prefix(100))" } ?? ""
      return try await body(desk, database, Proposal.Act(person: user, words: "in a form of the client\(client)"))
    } catch {
      throw GovernedFailure(error)
    }
  }
}
