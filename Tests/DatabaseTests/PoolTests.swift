// Sessions that are lent: bounded in number, clean for everybody, replaced when they are gone.

import Database
import Support
import Synchronization
import Testing

@Suite(.needsServer) struct PoolTests {
  private struct Stop: Error {}

  private final class Count: Sendable {
    let lent = Atomic<Int>(0)
  }

  private func withPool(
    _ limits: PoolLimits = PoolLimits(sessions: 1), schema: String = "",
    _ body: @escaping (Pool, _ url: String) async throws -> Void
  ) async throws {
    try await withDatabase(schema: schema) { url in
      let pool = Pool(ConnectionTarget(url: url), limits: limits)
      try await body(pool, url)
      await pool.close()
    }
  }

  private func process(_ session: Session) async throws(DatabaseError) -> Int {
    try await session.rows("SELECT pg_backend_pid()", as: Int.self)[0]
  }

  /// What the last borrower can leave; empty for a new session.
  private static let traces: SQL = """
    SELECT concat_ws(' ', (SELECT string_agg(name || '=' || setting, ' ') FROM pg_settings
        WHERE source = 'session' AND name <> 'client_encoding'),
      (SELECT string_agg(locktype, ' ') FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),
      (SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name <> ''),
      (SELECT string_agg(name, ' ') FROM pg_cursors WHERE name <> ''),
      (SELECT string_agg(c, ' ') FROM pg_listening_channels() AS c),
      (SELECT string_agg(relname, ' ') FROM pg_class WHERE relpersistence = 't'),
      nullif(current_setting('my.secret', true), ''), nullif(current_user, session_user))
    """

  @Test func nothingOfTheLastBorrowerIsLeft() async throws {
    try await withPool(schema: "CREATE TABLE t (a int); CREATE SEQUENCE s") { pool, _ in
      try await pool.lend { session in
        let before: [String] = try await session.rows(Self.traces)
        #expect(before == [""])
        for statement: SQL in [
          "SET work_mem = '1MB'", "SET ROLE pg_monitor", "RESET ROLE", "SET my.secret = 'x'", "LISTEN news",
          "SELECT pg_advisory_lock(1)", "PREPARE p AS SELECT 1", "CREATE TEMP TABLE scratch (a int)",
          "SELECT set_config('search_path', 'pg_temp', false)", "SELECT nextval('public.s')",
        ] {
          try await session.execute(statement)
        }
        if case .installed = session.server.hypopg {
          try await session.execute("SELECT public.hypopg_create_index('CREATE INDEX ON public.t (a)')")
        }
        // Left open, and failed.
        try await session.execute("BEGIN")
        try await session.execute("DECLARE c CURSOR WITH HOLD FOR SELECT 1")
        _ = try? await session.execute("SELECT 1/0")
      }
      let found: [String] = try await pool.lend { session in
        if case .installed = session.server.hypopg {
          let left: [Int] = try await session.rows("SELECT count(*) FROM hypopg()")
          #expect(left == [0])
        }
        return try await session.rows(Self.traces)
      }
      #expect(found == [""])
      let value = await #expect(throws: DatabaseError.self) {
        try await pool.lend { session in try await session.execute("SELECT currval('s')") }
      }
      #expect(value?.sqlState == "55000")
    }
  }

  @Test func aSessionIsUsedAgainAlsoAfterAFailure() async throws {
    try await withPool { pool, _ in
      let first = try await pool.lend { try await process($0) }
      let error = await #expect(throws: DatabaseError.self) {
        try await pool.lend { session in try await session.execute("SELECT 1/0") }
      }
      #expect(error?.sqlState == "22012")
      await #expect(throws: Stop.self) {
        try await pool.lend { session in
          try await session.execute("SET work_mem = '1MB'")
          throw Stop()
        }
      }
      let (last, memory) = try await pool.lend { session in
        (try await process(session), try await session.rows("SHOW work_mem", as: String.self))
      }
      #expect(last == first && memory == ["4MB"])
      #expect(await pool.idleCount == 1)
    }
  }

  @Test func noMoreSessionsThanAllowed() async throws {
    try await withPool(PoolLimits(sessions: 3)) { pool, url in
      let count = Count()
      let processes = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<24 {
          group.addTask {
            try await pool.lend { session in
              #expect(count.lent.add(1, ordering: .relaxed).newValue <= 3)
              defer { count.lent.subtract(1, ordering: .relaxed) }
              try await session.execute("SELECT pg_sleep(0.02)")
              return try await process(session)
            }
          }
        }
        return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
      }
      #expect(processes.count <= 3)
      let observer = try await Session.open(ConnectionTarget(url: url))
      let open: [Int] = try await observer.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
      #expect(open[0] == processes.count)
      await observer.close()
    }
  }

  @Test func waitingIsBoundedInNumberAndTime() async throws {
    let limits = PoolLimits(sessions: 1, waiting: 1, patience: .seconds(2))
    try await withPool(limits) { pool, _ in
      try await pool.lend { _ in
        let began = ContinuousClock.now
        let patient = Task { try await pool.lend { try await process($0) } }
        try await Task.sleep(for: .milliseconds(100))
        let tooMany = await #expect(throws: DatabaseError.self) { try await pool.lend { try await process($0) } }
        #expect(tooMany?.code == .busy && tooMany?.message == "all 1 sessions are in use")
        #expect(ContinuousClock.now - began < .milliseconds(1_900))
        let tooLate = await #expect(throws: DatabaseError.self) { try await patient.value }
        #expect(tooLate?.code == .busy && tooLate?.advice != nil)
        #expect(ContinuousClock.now - began >= .seconds(2))
      }
      #expect(try await pool.lend { try await process($0) } > 0)
    }
  }

  @Test func whoWaitsCanLeaveAndDoesNotTakeThePlaceAlong() async throws {
    try await withPool { pool, _ in
      try await pool.lend { _ in
        let waiter = Task { try await pool.lend { try await process($0) } }
        try await Task.sleep(for: .milliseconds(50))
        waiter.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await waiter.value }
        #expect(error?.code == .cancelled)
      }
      #expect(try await pool.lend { try await process($0) } > 0)
    }
  }

  @Test func aCancelledBorrowersSessionIsNotLentAgain() async throws {
    try await withPool { pool, url in
      let first = try await pool.lend { try await process($0) }
      let task = Task { try await pool.lend { session in try await session.execute("SELECT pg_sleep(20)") } }
      try await Task.sleep(for: .milliseconds(150))
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(await pool.idleCount == 0)
      #expect(try await pool.lend { try await process($0) } != first)
      let observer = try await Session.open(ConnectionTarget(url: url))
      for _ in 0..<100 {
        let left: [Int] = try await observer.rows(
          "SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int", ["\(first)"])
        if left == [0] { return await observer.close() }
        try await Task.sleep(for: .milliseconds(20))
      }
      Issue.record("the cancelled session is still open")
    }
  }

  @Test func deadSessionsAreReplaced() async throws {
    try await withPool { pool, url in
      let killer = try await Session.open(ConnectionTarget(url: url))
      for _ in 0..<3 {
        let first = try await pool.lend { try await process($0) }
        try await killer.execute("SELECT pg_terminate_backend($1::int)", ["\(first)"])
        for _ in 0..<100 {
          let left: [Int] = try await killer.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = $1::int", ["\(first)"])
          if left == [0] { break }
          try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await pool.lend { try await process($0) } != first)
      }
      // Gone while it is lent.
      let lost = await #expect(throws: DatabaseError.self) {
        try await pool.lend { session in
          try await killer.execute("SELECT pg_terminate_backend($1::int)", ["\(try await process(session))"])
          try await session.execute("SELECT pg_sleep(5)")
        }
      }
      #expect(lost?.code == .connectionLost)
      #expect(try await pool.lend { try await process($0) } > 0)
      await killer.close()
    }
  }

  @Test func aPlaceIsNotLostWhereThereIsNoConnection() async throws {
    let target = ConnectionTarget(url: "postgresql://nobody@/none?host=/nonexistent")
    let pool = Pool(target, limits: PoolLimits(sessions: 1, waiting: 0))
    for _ in 0..<3 {
      let error = await #expect(throws: DatabaseError.self) { try await pool.lend { try await process($0) } }
      #expect(error?.code == .unreachable)
    }
    await pool.close()
  }

  @Test func idleSessionsAreKeptForAWhile() async throws {
    try await withPool(PoolLimits(sessions: 2, idleTime: .milliseconds(300))) { pool, _ in
      let first = try await pool.lend { try await process($0) }
      #expect(try await pool.lend { try await process($0) } == first)
      #expect(await pool.idleCount == 1)
      for _ in 0..<100 {
        if await pool.idleCount == 0 { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(await pool.idleCount == 0)
      #expect(try await pool.lend { try await process($0) } != first)
    }
  }

  @Test func aClosedPoolLendsNothing() async throws {
    try await withPool { pool, _ in
      let waiter = try await pool.lend { session in
        let waiter = Task { try await pool.lend { try await process($0) } }
        try await Task.sleep(for: .milliseconds(50))
        await pool.close()
        #expect(try await process(session) > 0)
        return waiter
      }
      let sentAway = await #expect(throws: DatabaseError.self) { try await waiter.value }
      #expect(sentAway?.code == .closed)
      let error = await #expect(throws: DatabaseError.self) { try await pool.lend { try await process($0) } }
      #expect(error?.code == .closed)
      #expect(await pool.idleCount == 0)
    }
  }

  /// Whatever borrowers do and when they are cancelled: everybody finds a clean session, and no place is lost.
  @Test func manyBorrowersOfAllKinds() async throws {
    try await withPool(PoolLimits(sessions: 3, patience: .seconds(60))) { pool, _ in
      await withSeededRandom { random in
        let plans = (0..<80).map { _ in
          (kind: Int.random(in: 0..<5, using: &random), pause: Int.random(in: 0..<30, using: &random))
        }
        await withTaskGroup(of: Void.self) { group in
          for plan in plans {
            group.addTask {
              let task = Task {
                try await pool.lend { session in
                  let found: [String] = try await session.rows(Self.traces)
                  #expect(found == [""])
                  switch plan.kind {
                  case 0: try await session.execute("SET my.secret = 'x'")
                  case 1: try await session.execute("SELECT 1/0")
                  case 2: try await session.execute("SELECT pg_advisory_lock(2), pg_sleep(0.01)")
                  case 3: try await session.execute("BEGIN")
                  default: throw Stop()
                  }
                }
              }
              try? await Task.sleep(for: .milliseconds(plan.pause))
              if plan.pause % 3 == 0 { task.cancel() }
              _ = await task.result
            }
          }
        }
        for _ in 0..<3 {
          let found = try await pool.lend { try await process($0) }
          #expect(found > 0)
        }
        #expect(await pool.idleCount <= 3)
      }
    }
  }
}
