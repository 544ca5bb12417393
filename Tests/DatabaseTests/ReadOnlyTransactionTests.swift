// Read-only transactions: nothing is changed, and nothing stays behind.

import Database
import Support
import Testing

@Suite(.needsServer) struct ReadOnlyTransactionTests {
  private struct Stop: Error {}

  @Test func refusesEveryWrite() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for statement: SQL in [
        "INSERT INTO t VALUES (1)", "DELETE FROM t", "CREATE TABLE u (a int)", "SELECT nextval('s')",
        "COMMIT PREPARED 'x'",
      ] {
        await #expect(throws: DatabaseError.self) {
          try await session.readOnly { session in try await session.execute(statement) }
        }
      }
      let error = await #expect(throws: DatabaseError.self) {
        try await session.readOnly { session in try await session.execute("INSERT INTO t VALUES (1)") }
      }
      #expect(error?.sqlState == "25006")
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [0])
      await session.close()
    }
  }

  @Test func rollsBackOnEveryWayOut() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let observer = try await Session.open(ConnectionTarget(url: url))
      let process: [String] = try await session.rows("SELECT pg_backend_pid()::text")
      func state() async throws -> [String] {
        try await observer.rows("SELECT state FROM pg_stat_activity WHERE pid = $1::int", process)
      }
      let inside = try await session.readOnly { _ in try await state() }
      #expect(inside == ["idle in transaction"])
      #expect(try await state() == ["idle"])

      await #expect(throws: Stop.self) { try await session.readOnly { _ in throw Stop() } }
      #expect(try await state() == ["idle"])

      await #expect(throws: DatabaseError.self) {
        try await session.readOnly { session in try await session.execute("SELECT 1/0") }
      }
      #expect(try await state() == ["idle"])

      let task = Task {
        try await session.readOnly { session in try await session.execute("SELECT pg_sleep(20)") }
      }
      try await Task.sleep(for: .milliseconds(150))
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await state() == ["idle"])
      await session.close()
      await observer.close()
    }
  }

  @Test func settingsEndWithIt() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let question: SQL = """
        SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' '
          || current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('jit') || ' '
          || current_setting('application_name')
        """
      let before: [String] = try await session.rows(question)
      let limits = ReadOnlyLimits(
        statementTimeout: .seconds(7), lockTimeout: .milliseconds(300), idleTimeout: .seconds(11))
      let inside: [String] = try await session.readOnly(limits) { session in try await session.rows(question) }
      #expect(inside == ["7s 300ms 11s off pgadvisor"])
      #expect(try await session.rows(question, as: String.self) == before)
      await session.close()
    }
  }

  @Test func isNeverNested() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = try await session.readOnly { session in
        await #expect(throws: DatabaseError.self) { try await session.readOnly { _ in } }
      }
      #expect(error?.code == .transactionInProgress)
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func aTransactionEndedByTheServerIsALostConnection() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = await #expect(throws: DatabaseError.self) {
        try await session.readOnly(ReadOnlyLimits(idleTimeout: .milliseconds(50))) { session in
          try await Task.sleep(for: .milliseconds(400))
          try await session.execute("SELECT 1")
        }
      }
      #expect(error?.code == .connectionLost)
      #expect(error?.sqlState == "25P03")
      await session.close()
    }
  }
}
