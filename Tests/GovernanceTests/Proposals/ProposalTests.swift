// A proposal's life: what may only be proposed does not run, what is approved runs once, and everything else is refused.

import Database
import Foundation
import Governance
import Store
import Support
import Testing

@Suite(.needsServer) struct ProposalTests {
  @Test func whatMayOnlyBeProposedDoesNotRun() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.propose("INSERT INTO ledger VALUES ($1)", ["7"])
      #expect(proposal.state == .pending && proposal.principal == ProposalScene.bot)
      #expect(proposal.content.relations == ["public.ledger"] && proposal.digest.count == 64)
      #expect(try await scene.count() == 0)
      // The same waits already; with other values it is another one.
      #expect(try await scene.propose("INSERT INTO ledger VALUES ($1)", ["7"]).id == proposal.id)
      #expect(try await scene.propose("INSERT INTO ledger VALUES ($1)", ["8"]).id != proposal.id)
      #expect(try await scene.propose("INSERT INTO ledger VALUES ($1)", ["7"], on: "other").id != proposal.id)
      // What only reads still runs, and what is refused is no proposal.
      for (text, isRefused) in [
        ("SELECT count(*) FROM accounts", false), ("BEGIN", true), ("COPY ledger FROM STDIN", true),
      ] {
        let outcome = try await scene.governor.outcome(of: text, for: scene.call(), within: Set(Permission.allCases))
        if case .refused = outcome { #expect(isRefused, "\(text)") } else { #expect(!isRefused, "\(text)") }
        if case .proposed = outcome { Issue.record("\(text) was proposed") }
      }
      // Nor is a rehearsal, or what the tool is not for.
      for (permissions, isRehearsed) in [([.explain, .read], false), ([.explain, .read, .write], true)]
        as [(Set<Permission>, Bool)]
      {
        let outcome = try await scene.governor.outcome(
          of: "INSERT INTO ledger VALUES (1)", for: scene.call(), within: permissions, isRehearsed: isRehearsed)
        guard case .refused = outcome else {
          Issue.record("\(outcome)")
          continue
        }
      }
      #expect(try await scene.count() == 0)
    }
  }

  @Test func whatIsApprovedRunsOnceWithItsValues() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("UPDATE accounts SET balance = balance - $1 WHERE id <= $2", ["1", "10"])
      let done = try await scene.run(proposal)
      #expect(done.state == .done && done.outcome?.rows == 10 && done.outcome?.tries == 1)
      #expect(done.execution?.by.person == "bob" && done.execution?.identity.transaction != nil)
      #expect(try await scene.count("SELECT sum(balance)::integer FROM accounts") == 4_990)
      // Again, by the proposal as it was and as it is.
      for old in [proposal, done] {
        let refusal = await scene.refusal { try await scene.run(old) }
        #expect(refusal?.code == .state, "\(String(describing: refusal))")
      }
      #expect(await scene.refusal { try await scene.approve(proposal) }?.code == .state)
      #expect(try await scene.count("SELECT sum(balance)::integer FROM accounts") == 4_990)
      // The same statement again is a new proposal.
      #expect(
        try await scene.propose("UPDATE accounts SET balance = balance - $1 WHERE id <= $2", ["1", "10"]).id
          != proposal.id)
    }
  }

  @Test func nobodyRunsWhatWasNotApproved() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.propose("INSERT INTO ledger VALUES (1)")
      #expect(await scene.refusal { try await scene.run(proposal) }?.code == .state)
      for hash in ["", "yes", String(proposal.digest.prefix(7)), "00000000", proposal.digest + "0"] {
        #expect(await Self.code(approving: proposal, with: hash, scene) == .hash, "\(hash)")
      }
      let rejected = try await scene.desk.reject(proposal.id, by: Proposal.Act(person: "bob", words: "not on a Friday"))
      #expect(rejected.state == .rejected)
      #expect(await scene.refusal { try await scene.run(proposal) }?.code == .state)
      #expect(await scene.refusal { try await scene.approve(proposal) }?.code == .state)
      #expect(try await scene.count() == 0)
    }
  }

  private static func code(
    approving proposal: Proposal, with hash: String, _ scene: ProposalScene
  ) async -> ProposalRefusal.Code? {
    do throws(ProposalRefusal) {
      _ = try await scene.desk.approve(proposal.id, by: Proposal.Act(person: "bob"), hash: hash)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func othersProposalsAreNotThere() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.propose("INSERT INTO ledger VALUES (1)")
      func words(_ id: String, by agent: String) async -> String {
        do {
          _ = try await scene.governor.proposal(id, for: scene.call(agent))
          return "found"
        } catch { return "\(error)".replacing(id, with: "ID") }
      }
      #expect(await words(proposal.id, by: "bot") == "found")
      #expect(await words(proposal.id, by: "rival") == words("p-0000", by: "rival"))
      #expect(try await scene.governor.proposals(for: scene.call("rival")).proposals.isEmpty)
      await #expect(throws: GovernedFailure.self) {
        try await scene.governor.withdraw(proposal.id, for: scene.call("rival"))
      }
      #expect(try await scene.governor.withdraw(proposal.id, for: scene.call()).state == .withdrawn)
      #expect(await scene.refusal { try await scene.approve(proposal) }?.code == .state)
    }
  }

  @Test func itExpiresBeforeAndAfterApproval() async throws {
    var rules = ProposalRules()
    rules.lifetime = .milliseconds(400)
    try await ProposalScene.with(rules: rules) { scene in
      let proposal = try await scene.propose("INSERT INTO ledger VALUES (1)")
      let approved = try await scene.approved("INSERT INTO ledger VALUES (2)")
      try await Task.sleep(for: .milliseconds(900))
      #expect(await scene.refusal { try await scene.approve(proposal) }?.code == .expired)
      #expect(await scene.refusal { try await scene.run(approved) }?.code == .expired)
      #expect(try await scene.desk.find(approved.id)?.state == .expired)
      #expect(try await scene.count() == 0)
    }
  }

  @Test func thereAreBounds() async throws {
    var rules = ProposalRules()
    (rules.open, rules.textBytes) = (3, 200)
    try await ProposalScene.with(rules: rules) { scene in
      for number in 0..<3 { _ = try await scene.propose("INSERT INTO ledger VALUES (\(number))") }
      await #expect { try await scene.propose("INSERT INTO ledger VALUES (4)") } throws: {
        "\($0)".contains("3 proposals")
      }
      // Another's do not count, and what is decided neither.
      _ = try await scene.propose("INSERT INTO ledger VALUES (4)", by: "rival")
      let own = try await scene.desk.list(of: ProposalScene.bot)
      _ = try await scene.desk.reject(own[0].id, by: Proposal.Act(person: "bob"))
      _ = try await scene.propose("INSERT INTO ledger VALUES (4)")
      await #expect {
        try await scene.propose("INSERT INTO ledger VALUES (\(String(repeating: "1", count: 200)))")
      } throws: {
        "\($0)".contains("a proposal takes 200")
      }
    }
  }

  /// What an agent may do now counts, not what it could when it asked.
  @Test func anAgentThatIsGoneRunsNothing() async throws {
    try await ProposalScene.with { scene in
      let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
      for directory in [
        Directory(agents: [], rules: [], connections: ["shop"]),
        Directory(
          agents: [Agent(id: "bot", onBehalfOf: "bob")], users: ["bob"],
          rules: [GrantRule(connection: nil, permissions: [.write], members: [.user("bob")])], connections: ["shop"]),
        Directory(
          agents: [Agent(id: "bot", onBehalfOf: "alice")], users: ["alice"],
          rules: [GrantRule(connection: nil, permissions: [.read], members: [.user("alice")])], connections: ["shop"]),
      ] {
        #expect(throws: ProposalRefusal.self) {
          try ProposalRun(of: proposal, by: scene.desk, on: scene.connections, directory)
        }
      }
      #expect(throws: ProposalRefusal.self) {
        try ProposalRun(of: proposal, by: scene.desk, on: [], scene.directory)
      }
    }
  }

  /// What fails keeps nothing and is over; what meets a lock is tried again.
  @Test func failuresAreWrittenBack() async throws {
    var rules = ProposalRules()
    (rules.lockTimeout, rules.pause, rules.tries) = (.milliseconds(100), .milliseconds(50), 3)
    try await ProposalScene.with(rules: rules) { scene in
      let failed = try await scene.run(try await scene.approved("UPDATE accounts SET balance = -1 WHERE id = 1"))
      #expect(failed.state == .failed && failed.outcome?.sqlState == "23514" && failed.outcome?.tries == 1)
      let session = try await scene.session()
      try await session.execute("BEGIN")
      try await session.execute("LOCK TABLE public.ledger")
      let blocked = try await scene.run(try await scene.approved("INSERT INTO ledger VALUES (1)"))
      #expect(blocked.state == .failed && blocked.outcome?.sqlState == "55P03" && blocked.outcome?.tries == 3)
      let second = try await scene.approved("INSERT INTO ledger VALUES (2)")
      async let run = scene.run(second)
      try await Task.sleep(for: .milliseconds(120))
      try await session.execute("COMMIT")
      let done = try await run
      #expect(done.state == .done)
      await session.close()
      #expect(try await scene.count() == 1)
    }
  }

  @Test func cancellingKeepsNothing() async throws {
    try await ProposalScene.with { scene in
      let session = try await scene.session()
      try await session.execute("BEGIN")
      try await session.execute("LOCK TABLE public.ledger")
      let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
      let run = Task { try await scene.run(proposal) }
      try await Task.sleep(for: .milliseconds(400))
      run.cancel()
      let ended = try await run.value
      #expect(ended.state == .failed && ended.outcome?.sqlState == "57014", "\(String(describing: ended.outcome))")
      await session.close()
      #expect(try await scene.count() == 0)
    }
  }

  @Test func someStatementsRunAlone() async throws {
    try await ProposalScene.with { scene in
      let index = try await scene.run(
        try await scene.approved("CREATE INDEX CONCURRENTLY by_owner ON accounts (owner)"))
      #expect(index.state == .done, "\(String(describing: index.outcome))")
      #expect(index.execution?.identity.transaction == nil && index.execution?.lookAt?.contains("indisvalid") == true)
      #expect(
        try await scene.count("SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = 'by_owner'::regclass")
          == 1)
      let vacuum = try await scene.run(try await scene.approved("VACUUM accounts"))
      #expect(vacuum.state == .done, "\(String(describing: vacuum.outcome))")
      let unique = try await scene.run(
        try await scene.approved("CREATE UNIQUE INDEX CONCURRENTLY by_balance ON accounts (balance)"))
      #expect(unique.state == .failed && unique.outcome?.advice?.contains("indisvalid") == true)
      #expect(await scene.refusal { try await scene.run(unique) }?.code == .state)
    }
  }
}
