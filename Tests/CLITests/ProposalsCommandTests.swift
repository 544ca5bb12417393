// Proposals from outside: an agent over the protocol, people at the command line, and kill -9 at any moment.

import Foundation
import JSON
import Support
import Testing

@testable import CLI

@Suite(.needsServer) struct ProposalsCommandTests {
  @Test func anAgentProposesAndAPersonDecides() async throws {
    try await withProposals { office in
      let served = try office.serve()
      try await served.shakeHands()
      #expect(
        try await served.tools().isSuperset(of: ["query", "write_data", "run_ddl", "execute_sql", "proposal_status"]))
      let tools = try await served.ask("tools/list")["result"]?["tools"]?.array ?? []
      let write = try #require(tools.first { $0["name"] == "write_data" })
      #expect(write["description"]?.string?.contains("a proposal that a person approves") == true)
      #expect(write["annotations"]?["destructiveHint"] == false)
      _ = try await served.call("query", #"{"sql":"SELECT id,\n  email FROM customers"}"#)
      let proposal = try await propose("INSERT INTO ledger VALUES (1)", served)
      let id = try #require(proposal["id"]?.string)
      #expect(proposal["state"] == "pending")
      #expect(try office.rows("SELECT count(*) FROM ledger") == "0")
      let listed = try office.proposals("list", "--state", "pending")
      #expect(listed.status == 0 && listed.text.contains(id) && listed.text.contains("INSERT INTO ledger"))
      let shown = try office.json("show", id)
      let hash = try #require(shown["hash"]?.string)
      #expect(shown["agent"] == "bot" && shown["user"] == "alice" && shown["sql"] == "INSERT INTO ledger VALUES (1)")
      let earlier = try #require(shown["earlier_calls"]?.array)
      #expect(earlier.map { $0["tool"] } == ["query"] && earlier[0]["rows"] == 1, "\(earlier)")
      #expect(try office.proposals("show", id).text.contains("query, 1 rows: SELECT id, email FROM customers"))
      // Who may not, and what is not read.
      for (arguments, status, words) in [
        (["approve", id, "--hash", hash, "--as", "alice"], 1, "is who the agent acts for"),
        (["approve", id, "--hash", hash, "--as", "carol"], 1, "may not approve or run write"),
        (["approve", id, "--hash", hash, "--as", "mallory"], 64, "none of the configured users"),
        (["approve", id, "--as", "bob"], 64, "nothing is approved unread"),
        (["approve", id, "--hash", "0123456789", "--as", "bob"], 1, "not what this proposal's hash begins with"),
        (["approve", id, "--hash", "abc", "--as", "bob"], 64, "eight or more"),
        (["approve", "p-0000", "--hash", hash, "--as", "bob"], 1, "no proposal p-0000"),
        (["run", id, "--as", "bob"], 1, "A person has to approve it first"),
        (["run", id, "--as", "carol"], 1, "may not"),
        (["aprove", id], 64, "did you mean approve?"), (["list", "--hash", hash], 64, "does not take --hash"),
        (["list", "--state", "gone"], 64, "--state takes one of"),
      ] as [([String], Int32, String)] {
        let output = try runCommand([builtProgram, "proposals"] + arguments + ["--config", office.file])
        #expect(output.status == status && output.text.contains(words), "\(arguments): \(output.status) \(output.text)")
      }
      #expect(try office.rows("SELECT count(*) FROM ledger") == "0")
      let approved = try office.proposals("approve", id, "--hash", String(hash.prefix(8)), "--as", "bob")
      #expect(approved.status == 0 && approved.text.contains("INSERT INTO ledger VALUES (1)"), "\(approved.text)")
      let run = try office.proposals("run", id, "--as", "bob")
      #expect(run.status == 0 && run.text.contains("is done") && run.text.contains("1 rows"), "\(run.text)")
      #expect(try office.proposals("run", id, "--as", "bob").status == 1)
      #expect(try office.rows("SELECT count(*) FROM ledger") == "1")
      let told = try await served.call("proposal_status", #"{"proposal_id":"\#(id)"}"#)
      #expect(told["result"]?["structuredContent"]?["proposal"]?["state"] == "done", "\(told.text())")
      #expect(!told.text().contains("bob"))
      #expect(try await served.end() == 0)
      let audit = try runCommand([builtProgram, "audit", "export", "--store", office.store]).text
      let states = try audit.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        .compactMap { $0["event"] == "proposal" ? $0["state"]?.string : nil }
      #expect(states == ["pending", "approved", "running", "done"])
      #expect(audit.contains(#""outcome":"proposed""#) && audit.contains(#""person":"bob""#))
      #expect(try runCommand([builtProgram, "audit", "verify", "--store", office.store]).status == 0)
    }
  }

  /// What a dry run has seen is read before anybody says yes, and afterwards it is measured whether it has helped.
  @Test func theEvidenceIsShownAndTheEffectMeasured() async throws {
    try await withProposals(hasExtensions: true) { office in
      _ = try office.rows(
        "INSERT INTO customers SELECT g, g || '@example.com' FROM generate_series(2, 30000) AS g; ANALYZE customers")
      let asking = Array(repeating: "SELECT id FROM customers WHERE email = '77@example.com'", count: 40)
      _ = try office.rows(asking.joined(separator: ";"))
      let served = try office.serve()
      try await served.shakeHands()
      let id = try #require(try await propose("CREATE INDEX by_email ON customers (email)", served)["id"]?.string)
      let shown = try office.proposals("show", id).text
      #expect(shown.contains("SHARE") && shown.contains("CONCURRENTLY") && shown.contains("DROP INDEX"), "\(shown)")
      let hash = try #require(try office.json("show", id)["hash"]?.string)
      let run = try office.proposals("approve", id, "--hash", hash, "--as", "bob", "--run")
      #expect(run.status == 0 && run.text.contains("is done"), "\(run.text)")
      guard try office.rows("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == "1" else {
        return
      }
      #expect(run.text.contains("not called since the change"), "\(run.text)")
      _ = try office.rows(asking.joined(separator: ";"))
      let measured = try office.proposals("show", id).text
      #expect(measured.contains("faster: ") && measured.contains("40 calls"), "\(measured)")
      let told = try await served.call("proposal_status", #"{"proposal_id":"\#(id)"}"#)
      #expect(!told.text().contains("SELECT id FROM"))
      #expect(try await served.end() == 0)
    }
  }

  @Test func farMoreRowsThanWereSeenAreNotTouched() async throws {
    try await withProposals { office in
      let served = try office.serve()
      try await served.shakeHands()
      let id = try #require(
        try await propose("UPDATE customers SET email = lower(email)", served)["id"]?.string)
      #expect(try office.proposals("show", id).text.contains("1 row"))
      _ = try office.rows("INSERT INTO customers SELECT g, 'A' FROM generate_series(2, 100) AS g")
      let hash = try #require(try office.json("show", id)["hash"]?.string)
      let run = try office.proposals("approve", id, "--hash", hash, "--as", "bob", "--run")
      #expect(run.status == 1 && run.text.contains("100 rows would have been touched"), "\(run.text)")
      #expect(try office.rows("SELECT count(*) FROM customers WHERE email = 'a'") == "0")
      #expect(try await served.end() == 0)
    }
  }

  @Test func aNoIsTold() async throws {
    try await withProposals { office in
      let served = try office.serve()
      try await served.shakeHands()
      let id = try #require(try await propose("DROP TABLE customers", served)["id"]?.string)
      let said = try office.proposals("reject", id, "--as", "bob", "--reason", "we need it")
      #expect(said.status == 0 && said.text.contains("is rejected"))
      let told = try await served.call("proposal_status", #"{"proposal_id":"\#(id)"}"#)
      #expect(told.text().contains("A person has said no: we need it"))
      let list = try await served.call("proposal_status", "{}")
      #expect(list["result"]?["structuredContent"]?["proposals"]?.array?.count == 1)
      let second = try #require(try await propose("DELETE FROM ledger", served)["id"]?.string)
      let back = try await served.call("proposal_status", #"{"proposal_id":"\#(second)","withdraw":true}"#)
      #expect(back["result"]?["structuredContent"]?["proposal"]?["state"] == "withdrawn")
      _ = try await served.end()
    }
  }

  /// What an agent may do and what it may propose stand beside each other.
  @Test func permissionsAreProposedOneByOne() async throws {
    try await withProposals(agent: "propose: [ddl], permissions: [explain, read, write, ddl]") { office in
      let served = try office.serve()
      try await served.shakeHands()
      let tools = try await served.tools()
      #expect(tools.isSuperset(of: ["write_data", "run_ddl", "proposal_status"]) && !tools.contains("run_admin"))
      _ = try await served.call("write_data", #"{"sql":"INSERT INTO ledger VALUES (5)"}"#)
      #expect(try office.rows("SELECT count(*) FROM ledger") == "1")
      #expect(try await propose("CREATE TABLE more (a integer)", served)["state"] == "pending")
      let refused = try await served.call("write_data", #"{"sql":"CREATE TABLE other (a integer)"}"#)
      #expect(refused["result"]?["isError"] == true)
      _ = try await served.end()
    }
  }

  /// A masked value never comes back as what is stored.
  @Test func placeholdersAreNotProposed() async throws {
    try await withProposals(more: "policy: {tables: {customers: {mask: {email: full}}}}") { office in
      let served = try office.serve()
      try await served.shakeHands()
      for sql in ["UPDATE customers SET email = '***' WHERE id = 1", "INSERT INTO customers VALUES (2, '***')"] {
        let answer = try await served.call("write_data", JSONValue.object(["sql": .string(sql)]).text())
        #expect(
          answer["result"]?["isError"] == true && answer.text().contains("Refused by the rule policy-"),
          "\(answer.text())")
      }
      #expect(try await propose("INSERT INTO ledger VALUES (1)", served)["state"] == "pending")
      _ = try await served.end()
    }
  }

  @Test func withoutAStoreNothingStarts() async throws {
    try await withProposals { office in
      let text = try String(contentsOfFile: office.file, encoding: .utf8).replacingOccurrences(
        of: "  store: store.db", with: "  patience: 5s")
      try write(text, to: office.file)
      let output = try runCommand([builtProgram, "serve", "--config", office.file])
      #expect(output.status == 64 && output.text.contains("proposals are kept in a store"), "\(output.text)")
      let checked = try runCommand([builtProgram, "config", "check", office.file])
      #expect(checked.text.contains("server.store"), "\(checked.text)")
    }
  }

  /// kill -9 at any moment of a proposal's life: what was acknowledged is there, and nothing runs twice.
  @Test(arguments: [false, true]) func whatIsKilledIsFoundOutAndNeverRunAgain(isShared: Bool) async throws {
    let kills = variable("PGADVISOR_KILLS").flatMap { Int($0) } ?? 20
    let seed = variable("PGADVISOR_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    try await withProposals(isShared: isShared) { office in
      var random = SeededRandom(seed: seed)
      var counts: [String: Int] = [:]
      // How long a life takes that nobody ends.
      var usual = try await undisturbed(office)
      for number in 0..<kills {
        let life = "seed \(seed), life \(number)"
        let served = try office.serve()
        try await served.shakeHands()
        // Long enough to be met while it runs.
        let sql = "INSERT INTO ledger SELECT min(n) FROM (SELECT \(number) AS n, generate_series(1, 100000)) AS x"
        let id = try #require(try await propose(sql, served)["id"]?.string)
        // The server is killed as soon as it has answered.
        try await served.kill()
        let shown = try office.json("show", id)
        #expect(shown["state"] == "pending", "\(life)")
        let hash = shown["hash"]?.string ?? ""
        // Now and then the one who approves is killed as well.
        if number % 4 == 0 {
          _ = try await killed(
            ["approve", id, "--as", "bob", "--hash", hash], office, after: .random(in: 0...usual, using: &random))
        }
        let state = try office.json("show", id)["state"]?.string
        #expect(state == "pending" || state == "approved", "\(life)")
        if state == "pending" {
          #expect(try office.proposals("approve", id, "--as", "bob", "--hash", hash).status == 0)
        }
        let start = ContinuousClock.now
        let moment = Int.random(in: number % 5 == 0 ? 0...usual : usual / 2...usual * 5 / 4, using: &random)
        let wasDone = try await killed(["run", id, "--as", "bob"], office, after: moment)
        if wasDone { usual = (usual * 3 + min(usual * 2, Int((ContinuousClock.now - start) / .microseconds(1)))) / 4 }
        var ended = try office.json("show", id)["state"]?.string ?? ""
        // Its session may not have noticed yet.
        for _ in 0..<200 where ended == "running" {
          try await Task.sleep(for: .milliseconds(20))
          ended = try office.json("show", id)["state"]?.string ?? ""
        }
        #expect(!wasDone || ended == "done", "\(life)")
        counts[ended, default: 0] += 1
        let rows = try office.rows("SELECT count(*) FROM ledger WHERE entry = \(number)")
        #expect(
          ["approved", "failed", "done"].contains(ended) && rows == (ended == "done" ? "1" : "0"),
          "\(life): \(ended), \(rows) rows")
        // Once more: only what has not begun runs.
        let again = try office.proposals("run", id, "--as", "bob")
        #expect(again.status == (ended == "approved" ? 0 : 1), "\(life): \(again.text)")
        let now = try office.rows("SELECT count(*) FROM ledger WHERE entry = \(number)")
        #expect(now == (ended == "failed" ? "0" : "1"), "\(life)")
      }
      #expect(try runCommand([builtProgram, "audit", "verify", "--store", office.store]).status == 0)
      #expect(counts.count > 1 || kills < 10, "seed \(seed): \(counts)")
      print("\(kills) killed, \(isShared ? "PostgreSQL" : "SQLite"): \(counts.sorted { $0.key < $1.key })")
    }
  }

  private func undisturbed(_ office: ProposalScene) async throws -> Int {
    let served = try office.serve()
    try await served.shakeHands()
    let id = try #require(try await propose("INSERT INTO ledger VALUES (-1)", served)["id"]?.string)
    _ = try await served.end()
    let hash = try office.json("show", id)["hash"]?.string ?? ""
    #expect(try office.proposals("approve", id, "--as", "bob", "--hash", hash).status == 0)
    let start = ContinuousClock.now
    #expect(try office.proposals("run", id, "--as", "bob").status == 0)
    return Int((ContinuousClock.now - start) / .microseconds(1))
  }

  /// - Returns: whether it had ended well before it was killed.
  private func killed(_ arguments: [String], _ office: ProposalScene, after microseconds: Int) async throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: builtProgram)
    process.arguments = ["proposals"] + arguments + ["--config", office.file]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try await Task.sleep(for: .microseconds(microseconds))
    kill(process.processIdentifier, SIGKILL)
    return try await onOwnThread {
      process.waitUntilExit()
      return process.terminationReason == .exit && process.terminationStatus == 0
    }
  }
}
