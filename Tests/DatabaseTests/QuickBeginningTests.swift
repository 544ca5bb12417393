// What is remembered of one transaction for the next, and when it is not believed any more.

import Support
import Testing

@testable import Database

@Suite(.needsServer) struct QuickBeginningTests {
  private static let question: SQL = """
    SELECT concat_ws(' ', current_setting('search_path'), current_setting('statement_timeout'),
      current_setting('work_mem'), current_setting('application_name'), current_setting('transaction_read_only'))
    """

  private func ask(_ session: Session, _ bounds: TransactionBounds = TransactionBounds()) async throws -> String? {
    try await session.bounded(.readOnly, bounds, discarding: true) { session in
      try await session.rows(Self.question, as: String.self).first
    }
  }

  @Test func theSecondTransactionIsLikeTheFirst() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var bounds = TransactionBounds()
      bounds.statementTimeout = .seconds(7)
      let first = try await ask(session, bounds)
      #expect(await session.isClean)
      bounds.applicationName = "somebody else"
      let second = try await ask(session, bounds)
      #expect(first == "public, pg_temp 7s 4MB pgadvisor on")
      #expect(second == "public, pg_temp 7s 4MB somebody else on")
      bounds.statementTimeout = .seconds(8)
      #expect(try await ask(session, bounds) == "public, pg_temp 8s 4MB somebody else on")
      await session.close()
    }
  }

  @Test func aSchemaThatComesIsOnThePath() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let other = try await Session.open(ConnectionTarget(url: url))
      for _ in 0..<2 { #expect(try await ask(session)?.hasPrefix("public, pg_temp") == true) }
      _ = try await other.execute("CREATE SCHEMA AUTHORIZATION CURRENT_USER")
      for _ in 0..<20 {
        #expect(try await ask(session)?.hasPrefix("public, pg_temp") == false)
        _ = try await other.execute("CREATE TABLE IF NOT EXISTS public.noise AS SELECT 1")
      }
      _ = try await other.execute("DROP SCHEMA IF EXISTS postgres CASCADE")
      await other.close()
      await session.close()
    }
  }

  /// What the administrator has lowered meanwhile is the ceiling.
  @Test func aReloadedConfigurationCounts() async throws {
    let cluster = try ScratchCluster.start(ScratchCluster.Options())
    let session = try await Session.open(ConnectionTarget(url: cluster.url()))
    for _ in 0..<2 { #expect(try await ask(session)?.contains(" 30s 4MB ") == true) }
    _ = try cluster.run("ALTER SYSTEM SET statement_timeout = '2s'")
    _ = try cluster.run("ALTER SYSTEM SET work_mem = '1MB'")
    _ = try cluster.run("SELECT pg_reload_conf()")
    var answer: String?
    for _ in 0..<100 where answer?.contains(" 2s 1MB ") != true {
      answer = try await ask(session)
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(answer?.contains(" 2s 1MB ") == true, "\(answer ?? "")")
    await session.close()
    try cluster.control("stop")
  }

  @Test func whatTheLastUserLeftIsGone() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      _ = try await ask(session)
      _ = try await session.bounded(.readOnly, discarding: true) { session in
        try await session.rows("SELECT pg_advisory_lock(7)::text", as: String.self)
      }
      let locks: [String] = try await session.rows("SELECT locktype FROM pg_locks WHERE locktype = 'advisory'")
      #expect(locks.isEmpty)
      // Whatever else is sent makes the session one that has to be asked about again.
      #expect(await !session.isClean)
      try await session.execute("SET statement_timeout = '1s'")
      #expect(try await ask(session)?.contains(" 1s ") == true)
      await session.close()
    }
  }

  @Test func marksTellWhetherAnythingWasCommitted() async throws {
    try await withDatabase(schema: "CREATE TABLE public.t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let other = try await Session.open(ConnectionTarget(url: url))
      func mark() async throws -> String? {
        try await session.bounded(.readOnly, discarding: true) { await $0.transactionMark }
      }
      let first = try #require(try await mark())
      _ = try await other.rows("SELECT count(*)::text FROM t", as: String.self)
      #expect(try await mark() == first)
      // Begun before, committed after: seen in the mark as well.
      try await other.execute("BEGIN")
      try await other.execute("ALTER TABLE t ADD COLUMN b int")
      let during = try await mark()
      try await other.execute("COMMIT")
      let after = try await mark()
      #expect(after != first && after != during)
      await other.close()
      await session.close()
    }
  }

  /// The end goes out with the questions; what has failed leaves nothing open either.
  @Test func aSnapshotMayEndWithItsQuestions() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let questions: [Step] = [.statement("SELECT 1", []), .statement("SELECT 2", [])]
      let (values, isOpen) = try await session.snapshot(ReadOnlyLimits(), asking: questions, endsAtOnce: true) {
        session, answers in
        (try answers.map { try $0.get().text(0, 0) }, await session.isInTransaction)
      }
      #expect(values == ["1", "2", nil] && !isOpen)
      let failing: [Step] = [.statement("SELECT 1", []), .statement("SELECT 1 / 0", [])]
      let codes = try await session.snapshot(ReadOnlyLimits(), asking: failing, endsAtOnce: true) { _, answers in
        answers.map { answer -> String? in
          guard case .failure(let error) = answer else { return nil }
          return error.sqlState
        }
      }
      #expect(codes.count == 3 && codes[0] == nil && codes[1] == "22012")
      #expect(await !session.isInTransaction)
      #expect(try await session.rows("SELECT current_setting('transaction_read_only')", as: String.self) == ["off"])
      await session.close()
    }
  }
}
