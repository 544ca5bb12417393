// Replacing what holds while calls run: who is still known, which sessions stay, and which go.

import Database
import Governance
import Support
import Testing

@Suite struct CurrentRegimeTests {
  private func regime(_ agents: [Agent], users: Set<String> = [], local: String?, anonymous: String? = nil) -> Regime {
    let connection = GovernedConnection(name: "main", target: ConnectionTarget(url: "postgresql://h.invalid/d"))
    let rule = GrantRule(connection: nil, permissions: [.read], members: Set(agents.map { .agent($0.id) }))
    return Regime(
      governor: Governor([connection], audit: nil),
      directory: Directory(agents: agents, users: users, groups: [], rules: [rule], connections: ["main"]),
      localAgent: local, anonymousAgent: anonymous)
  }

  @Test func whoIsGoneIsNobodyAtOnce() throws {
    let current = CurrentRegime(regime([Agent(id: "a"), Agent(id: "b")], local: "a"))
    let caller = try #require(current.localCaller())
    #expect(current.governed(caller)?.caller == caller && current.knows(caller.principal))
    current.replace(with: regime([Agent(id: "b")], local: "b"))
    #expect(current.governed(caller) == nil && !current.knows(caller.principal))
    #expect(current.localCaller()?.principal.name == "b")
    current.replace(with: regime([Agent(id: "b")], local: nil))
    #expect(current.localCaller() == nil)
  }

  /// Under the same id but for somebody else: another principal.
  @Test func anAgentOfAnotherUserIsAnother() throws {
    let current = CurrentRegime(regime([Agent(id: "a", onBehalfOf: "alice")], users: ["alice"], local: "a"))
    let caller = try #require(current.localCaller())
    current.replace(with: regime([Agent(id: "a", onBehalfOf: "bob")], users: ["bob"], local: "a"))
    #expect(current.governed(caller) == nil && !current.knows(caller.principal) && current.localCaller() != nil)
  }

  @Test func grantsAreThoseOfNow() throws {
    let current = CurrentRegime(regime([Agent(id: "a")], local: "a"))
    let caller = try #require(current.localCaller())
    var narrowed = Agent(id: "a")
    narrowed.permissions = []
    current.replace(with: regime([narrowed], local: "a"))
    #expect(current.governed(caller)?.caller.permissions == [:])
  }

  @Test func withoutATokenNobodyComesUnlessThatIsSaid() {
    let current = CurrentRegime(regime([Agent(id: "a")], local: "a"))
    #expect(current.caller(forToken: nil) == nil && current.caller(forToken: []) == nil)
    current.replace(with: regime([Agent(id: "a")], local: "a", anonymous: "a"))
    #expect(current.caller(forToken: nil)?.principal.name == "a" && current.caller(forToken: [1]) == nil)
  }
}

@Suite(.needsServer) struct ReplacedGovernorTests {
  private func call(_ connection: String) -> GovernedCall {
    let permissions: [String: Set<Permission>] = ["kept": [.read], "changed": [.read]]
    return GovernedCall(
      caller: Caller(Principal(name: "agent"), permissions: permissions), callID: "c", tool: "query",
      connection: connection)
  }

  private func backend(_ governor: Governor, _ connection: String) async throws -> String? {
    let outcome = try await governor.outcome(of: "SELECT pg_backend_pid()", for: call(connection), within: [.read])
    guard case .finished(let rows, _) = outcome else { throw CommandFailure(description: "\(outcome)") }
    return rows.cells[0][0]
  }

  private func connections(_ url: String, rows: Int) -> [GovernedConnection] {
    let kept = GovernedConnection(name: "kept", target: ConnectionTarget(url: url))
    var changed = GovernedConnection(name: "changed", target: ConnectionTarget(url: url))
    changed.limits.rows.rows = rows
    return [kept, changed]
  }

  @Test func whatStaysKeepsItsSessionsAndWhatChangesGetsNewOnes() async throws {
    try await withDatabase { url in
      let first = Governor(connections(url, rows: 10), audit: nil)
      let (kept, changed) = (try await backend(first, "kept"), try await backend(first, "changed"))
      let second = Governor(connections(url, rows: 20), audit: nil, after: first)
      #expect(try await backend(second, "kept") == kept)
      #expect(try await backend(second, "changed") != changed)
      let third = Governor(connections(url, rows: 20), audit: nil, after: second)
      #expect(try await backend(third, "changed") == backend(second, "changed"))
    }
  }

  /// A call that runs holds its regime; when it has ended, nothing holds its sessions any more.
  @Test func sessionsGoWithTheLastCallOfTheirRegime() async throws {
    try await withDatabase { url in
      let observer = try await Session.open(ConnectionTarget(url: url))
      func others() async throws -> Int {
        let rows: [Count] = try await observer.rows(
          "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        return rows[0].n
      }
      let caller = Caller(Principal(name: "a"), permissions: ["changed": [.read]])
      let current = CurrentRegime(
        Regime(
          governor: Governor(connections(url, rows: 10), audit: nil),
          directory: Directory(
            agents: [Agent(id: "a")],
            rules: [
              GrantRule(connection: "changed", permissions: [.read], members: [.agent("a")])
            ], connections: ["changed"]), localAgent: "a"))
      let slow = Task {
        guard let (_, governor, _) = current.governed(caller) else { throw CommandFailure(description: "nobody") }
        let outcome = try await governor.outcome(
          of: "SELECT count(*) FROM generate_series(1, 12000000)", for: call("changed"), within: [.read])
        guard case .finished(let rows, _) = outcome else { throw CommandFailure(description: "\(outcome)") }
        return rows.cells[0][0]
      }
      while try await others() == 0 { try await Task.sleep(for: .milliseconds(5)) }
      let empty = Directory(agents: [], rules: [], connections: [])
      current.replace(with: Regime(governor: Governor([], audit: nil), directory: empty, localAgent: nil))
      #expect(current.governed(caller) == nil)
      #expect(try await slow.value == "12000000")
      for _ in 0..<200 where try await others() > 0 { try await Task.sleep(for: .milliseconds(20)) }
      #expect(try await others() == 0)
      await observer.close()
    }
  }

  private struct Count: Decodable {
    var n: Int
  }
}
