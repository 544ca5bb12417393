// Cancelling: the server stops, and the session goes on.

import Database
import Support
import Testing

@Suite(.needsServer) struct CancelTests {
  @Test func aCancelledTaskStopsItsQuery() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let began = ContinuousClock.now
      let task = Task { try await session.execute("SELECT pg_sleep(20)") }
      try await sleepers(1, at: url)
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled && error?.sqlState == "57014")
      #expect(ContinuousClock.now - began < .seconds(10))
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func cancelStopsWhateverRuns() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      await session.cancel()
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      let task = Task { try await session.execute("SELECT pg_sleep(20)") }
      try await sleepers(1, at: url)
      await session.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await session.rows("SELECT 2", as: Int.self) == [2])
      await session.close()
    }
  }

  @Test func aCancelledPipelineEndsAsAWhole() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let began = ContinuousClock.now
      let task = Task {
        try await session.run(
          [.statement("SELECT 1", []), .boundary]
            + Array(repeating: [.statement("SELECT pg_sleep(0.4)", []), .boundary], count: 600).flatMap { $0 })
      }
      try await sleepers(1, at: url)
      task.cancel()
      let results = try await task.value
      #expect(try results[0].get().text(0, 0) == "1")
      guard case .failure(let error) = results[1_000] else {
        Issue.record("a step after the cancelling was run")
        return
      }
      #expect(error.code == .cancelled)
      // 240 seconds if only one of them were cancelled.
      #expect(ContinuousClock.now - began < .seconds(120))
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func whoWaitsForItsTurnCanLeave() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let first = Task { try await session.execute("SELECT pg_sleep(20)") }
      try await sleepers(1, at: url)
      let began = ContinuousClock.now
      let second = Task { try await session.execute("SELECT 1") }
      try await Task.sleep(for: .milliseconds(50))
      second.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await second.value }
      #expect(error?.code == .cancelled)
      #expect(ContinuousClock.now - began < .seconds(15))
      // The first was not hit by it.
      try await sleepers(1, at: url)
      first.cancel()
      _ = await first.result
      await session.close()
    }
  }

  @Test func aTaskCancelledBeforeAsksNothing() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        try await session.execute("INSERT INTO t VALUES (1)")
      }
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [0])
      await session.close()
    }
  }

  @Test func cancellingAtAnyMomentNeverHitsTheNextQuery() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      await withSeededRandom { random in
        for _ in 0..<60 {
          let pause = Int.random(in: 0...2_000, using: &random)
          let task = Task { try? await session.execute("SELECT pg_sleep(0.001)") }
          try await Task.sleep(for: .microseconds(pause))
          task.cancel()
          _ = await task.value
          #expect(try await session.rows("SELECT 1", as: Int.self) == [1], "\(random)")
        }
      }
      await session.close()
    }
  }

  @Test func aTimeoutIsToldFromACancel() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let limits = ReadOnlyLimits(statementTimeout: .milliseconds(50))
      let error = await #expect(throws: DatabaseError.self) {
        try await session.readOnly(limits) { session in try await session.execute("SELECT pg_sleep(20)") }
      }
      #expect(error?.code == .statementTimeout && error?.sqlState == "57014")
      await session.close()
    }
  }

  /// Returns when so many sessions sleep in the database.
  private func sleepers(_ count: Int, at url: String) async throws {
    let observer = try await Session.open(ConnectionTarget(url: url))
    let question: SQL = """
      SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
      """
    for _ in 0..<200 {
      if try await observer.rows(question, as: Int.self) == [count] { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try await observer.rows(question, as: Int.self) == [count])
    await observer.close()
  }
}
