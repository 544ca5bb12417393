// Two servers over one store, attackers who write into it, and runs whose end nobody has told.

import Database
import Foundation
import Store
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct ProposalReplicaTests {
  @Test func anApprovalIsSpentOnce() async throws {
    let attempts = 50
    try await ProposalScene.withReplicas { first, second in
      let proposal = try await first.approved("INSERT INTO ledger VALUES (1)")
      let results = await withTaskGroup(of: ProposalState?.self) { group in
        for attempt in 0..<attempts {
          let scene = attempt % 2 == 0 ? first : second
          group.addTask { try? await scene.run(proposal).state }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(results.count { $0 == .done } == 1 && results.count { $0 == nil } == attempts - 1)
      #expect(try await first.count() == 1)
      #expect(try await second.desk.find(proposal.id)?.state == .done)
    }
  }

  @Test func decisionsOfTwoServersAreOne() async throws {
    try await ProposalScene.withReplicas { first, second in
      for number in 0..<20 {
        let proposal = try await first.propose("INSERT INTO ledger VALUES (\(number))")
        // The same agent asks both servers for the same: there is one.
        async let a = first.propose("INSERT INTO ledger VALUES (-\(number + 1))").id
        async let b = second.propose("INSERT INTO ledger VALUES (-\(number + 1))").id
        let (left, right) = try await (a, b)
        #expect(left == right)
        async let yes = try? first.approve(proposal).state
        async let no = try? second.desk.reject(proposal.id, by: Proposal.Act(person: "bob")).state
        let (said, refused) = await (yes, no)
        let state = try await first.desk.find(proposal.id)?.state
        // A yes may be taken back; a no is the end.
        #expect(refused == .rejected && state == .rejected && (said == .approved || said == nil))
        for proposal in try await first.desk.list(of: ProposalScene.bot, states: [.pending]) {
          _ = try await second.desk.withdraw(proposal.id, by: ProposalScene.bot)
        }
      }
    }
  }

  /// The bound on what waits holds for both together.
  @Test func boundsAreShared() async throws {
    var rules = ProposalRules()
    rules.open = 5
    try await ProposalScene.withReplicas(rules: rules) { first, second in
      let opened = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<30 {
          let scene = number % 2 == 0 ? first : second
          group.addTask { (try? await scene.propose("INSERT INTO ledger VALUES (\(number))")) != nil }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(opened == 5)
    }
  }

  @Test func whatSomebodyHasWrittenIntoTheStoreIsRefused() async throws {
    try await withDatabase(hasExtensions: false) { store in
      try await withDatabase(schema: ProposalScene.schema, hasExtensions: false) { url in
        let target = ConnectionTarget(url: store)
        let scene = ProposalScene(
          url, try await PostgresStore(at: target, key: [UInt8](repeating: 7, count: 32), mayCreate: true))
        for edit in [
          "UPDATE pgadvisor.proposal SET state = 'approved'",
          "UPDATE pgadvisor.proposal SET body = replace(body, '(1)', '(2)')",
          "UPDATE pgadvisor.proposal SET expires = expires + 1", "UPDATE pgadvisor.proposal SET \"user\" = 'bob'",
          "UPDATE pgadvisor.proposal SET progress = '{}'",
        ] as [SQL] {
          let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
          let session = try await Session.open(target)
          try await session.execute(edit)
          let refusal = await scene.refusal { try await scene.run(proposal) }
          // Where it stands there as it was.
          if edit == "UPDATE pgadvisor.proposal SET state = 'approved'" {
            #expect(refusal == nil)
          } else {
            #expect(refusal?.code == .failure, "\(edit): \(String(describing: refusal))")
          }
          try await session.execute("DELETE FROM pgadvisor.proposal")
          try await session.execute("SELECT 1")
          await session.close()
          try await scene.sql("TRUNCATE ledger")
        }
        let pending = try await scene.propose("INSERT INTO ledger VALUES (1)")
        let session = try await Session.open(target)
        try await session.execute("UPDATE pgadvisor.proposal SET state = 'approved'")
        await session.close()
        #expect(await scene.refusal { try await scene.run(pending) }?.code == .failure)
        #expect(try await scene.count() == 0)
      }
    }
  }

  /// Every step is in the chain, in order, with who has done it.
  @Test func stepsAreAudited() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/proposals-\(UUID().uuidString).db"
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    try await withDatabase(schema: ProposalScene.schema, hasExtensions: false) { url in
      let store = try SQLiteStore(at: path, key: nil, mayCreate: true)
      let scene = ProposalScene(url, store)
      _ = try await scene.run(try await scene.approved("INSERT INTO ledger VALUES (1)"))
      let records = try await store.entries(after: 0).map { String(decoding: $0.record, as: UTF8.self) }
      #expect(records.count == 4)
      for (record, state) in zip(records, ["pending", "approved", "running", "done"]) {
        #expect(
          record.contains(#""state":"\#(state)""#) && record.contains(#""agent":"bot","user":"alice""#), "\(record)")
        #expect(record.contains(#""person":"bob""#) == (state != "pending"), "\(record)")
      }
      #expect(records[0].contains("INSERT INTO ledger") && records[3].contains(#""rows":1"#))
      #expect(try await Verification.of(store, cut: { _ in nil }).isSound)
    }
  }

  /// A run that nobody has ended is found out by its transaction, and by nothing else.
  @Test func whatWasKeptIsFoundOut() async throws {
    try await ProposalScene.with { scene in
      for (isKept, state) in [(true, ProposalState.done), (false, .failed)] {
        let session = try await scene.session()
        let proposal = try await scene.approved("INSERT INTO ledger VALUES (1)")
        try await session.execute("BEGIN")
        try await session.execute("INSERT INTO public.ledger VALUES (1)")
        let identity = try await session.transactionIdentity(giving: true)
        var claim = Claim(by: Proposal.Act(person: "nobody"), of: proposal, at: scene.desk)
        try await claim.take(identity, lookAt: nil)
        let run = ProposalRun(settling: scene.desk, on: scene.connections[0])
        // While it goes on nobody decides.
        let running = try #require(try await scene.desk.find(proposal.id))
        #expect(try await run.settled(running).state == .running)
        #expect(await scene.refusal { try await scene.run(running) }?.code == .state)
        if isKept { try await session.execute("COMMIT") } else { try await session.execute("ROLLBACK") }
        // Who has rolled back may be about to try again, as long as its session is there.
        if !isKept { #expect(try await run.settled(running).state == .running) }
        await session.close()
        var ended = running
        for _ in 0..<100 where ended.state == .running {
          try await Task.sleep(for: .milliseconds(20))
          ended = try await run.settled(running)
        }
        #expect(ended.state == state && ended.outcome?.isFound == true, "\(String(describing: ended.outcome))")
        let last = ended
        #expect(await scene.refusal { try await scene.run(last) }?.code == .state)
      }
      #expect(try await scene.count() == 1)
    }
  }
}
