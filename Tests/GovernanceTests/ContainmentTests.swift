// Everything that a READ ONLY transaction does not stop: that it is real on this server, and what stops it here.

import Database
import Support
import Synchronization
import Testing

@testable import Governance

@Suite(.needsServer, .serialized) struct ContainmentTests {
  static let escapes = SessionEscapes.all + ServerEscapes.all

  private static let known = Mutex<ContainmentServer?>(nil)
  private static let number = Atomic<Int>(0)

  private static func server() throws -> ContainmentServer {
    try known.withLock { known in
      if let known { return known }
      let started = try ContainmentServer.start()
      known = started
      return started
    }
  }

  private func withServer(_ body: (ContainmentServer, _ database: String) async throws -> Void) async throws {
    let (server, name) = try await onOwnThread {
      let server = try Self.server()
      let name = "contained_\(Self.number.add(1, ordering: .relaxed).newValue)"
      try server.createDatabase(name)
      return (server, name)
    }
    // It goes with the cluster.
    try await body(server, name)
  }

  /// The effect is real inside BEGIN READ ONLY, as superuser; or this version refuses it.
  @Test(arguments: escapes)
  func readOnlyPermits(_ escape: Escape) async throws {
    try await withServer { server, database in
      let output = try await onOwnThread {
        let statement = server.filledIn(escape.statement, in: database)
        let output = try server.psql(escape.script(statement, asking: true), in: database)
        if !escape.cleanup.isEmpty { _ = try server.psql(escape.cleanup, in: database) }
        return output
      }
      if let refusal = escape.refusedFrom, try server.majorVersion >= refusal.major {
        #expect(firstState(in: output) == refusal.state, "\(output)")
        return
      }
      if escape.inside != nil { #expect(answer(below: "inside:", in: output) == "t", "\(output)") }
      if escape.after != nil { #expect(answer(below: "after:", in: output) == "t", "\(output)") }
      if let said = escape.said { #expect(output.contains(said), "\(output)") }
    }
  }

  /// The gate takes it for no read, by the rule that the table names; and what a role meets that may only read: where
  /// that is nothing, the gate stands alone.
  @Test(arguments: escapes)
  func isStoppedHere(_ escape: Escape) async throws {
    try await withServer { server, database in
      let url = try await onOwnThread {
        if !escape.before.isEmpty { _ = try server.psql(escape.before, in: database) }
        return server.cluster.url(database: database)
      }
      try await expectNoRead(escape, server.filledIn(escape.statement, in: database), at: url)
      let output = try await onOwnThread {
        let statement = server.filledIn(escape.plainStatement ?? escape.statement, in: database)
        let output = try server.psql(escape.script(statement, asking: false), in: database, as: "reader")
        if !escape.cleanup.isEmpty { _ = try server.psql(escape.cleanup, in: database) }
        return output
      }
      if let refusal = escape.refusedFrom, try server.majorVersion >= refusal.major { return }
      expectPlainRole(escape, meets: output)
    }
  }

  private func expectNoRead(_ escape: Escape, _ statement: String, at url: String) async throws {
    let session = try await Session.open(ConnectionTarget(url: url))
    let verdict = try await session.snapshot { session in
      var gate = Gate(names: LiveNames(on: session))
      return try await gate.judge(statement)
    }
    await session.close()
    let isRead = verdict.strongest.map { $0 <= .read } ?? false
    #expect(!isRead, "\(verdict.rule): \(verdict.message)")
    #expect(verdict.rule == escape.rule, "\(verdict.strongest?.rawValue ?? "reject"): \(verdict.message)")
  }

  private func expectPlainRole(_ escape: Escape, meets output: String) {
    switch escape.plain {
    case .refused(let state): #expect(firstState(in: output) == state, "\(output)")
    case .notStopped:
      // Some end the session, and say so by a SQLSTATE of their own.
      if let said = escape.said, said.count == 5 {
        #expect(output.contains(said), "\(output)")
      } else {
        #expect(firstState(in: output) == nil, "\(output)")
      }
    }
  }
}
