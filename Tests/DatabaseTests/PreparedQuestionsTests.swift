// Sessions for questions of ours alone: what is prepared there, and that nobody else gets it.

import Support
import Testing

@testable import Database

@Suite(.needsServer) struct PreparedQuestionsTests {
  private static let names: SQL = "SELECT count(*)::text FROM pg_catalog.pg_prepared_statements"
  private static let sum: SQL = "SELECT ($1::int + 1)::text"
  private static let wrong: SQL = "SELECT nothing FROM nowhere"

  private func withOurs(_ schema: String = "", _ body: (Session, String) async throws -> Void) async throws {
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      #expect(await session.devote(toOurs: true, within: .seconds(5)))
      try await body(session, url)
      await session.close()
    }
  }

  @Test func questionsArePreparedOnce() async throws {
    try await withOurs { session, _ in
      for number in 1...7 {
        #expect(try await session.rows(Self.sum, ["\(number)"], as: String.self) == ["\(number + 1)"])
      }
      // This one and the sum.
      #expect(try await session.rows(Self.names, as: String.self) == ["2"])
      try await session.execute("SET work_mem = '1MB'")
      #expect(try await session.rows(Self.names, as: String.self) == ["2"])
      #expect(await session.devote(toOurs: false, within: .seconds(5)))
      #expect(try await session.rows(Self.names, as: String.self) == ["0"])
      #expect(try await session.rows(Self.sum, ["4"], as: String.self) == ["5"])
      #expect(try await session.rows(Self.names, as: String.self) == ["0"])
      #expect(try await session.rows("SHOW work_mem", as: String.self) == ["4MB"])
    }
  }

  /// Each in a group of its own, as health checks are asked.
  @Test func whatFailsTakesNoOtherAlong() async throws {
    try await withOurs { session, _ in
      for _ in 0..<3 {
        let steps: [Step] = [
          .statement(Self.wrong, []), .statement(Self.sum, ["1"]), .boundary, .statement(Self.sum, ["2"]), .boundary,
          .statement(Self.sum, ["3"]), .statement(Self.sum, ["4"]),
        ]
        let answers = try await session.run(steps)
        guard case .failure(let reason) = answers[0], case .failure(let skipped) = answers[1] else {
          Issue.record("a question about nothing was answered")
          return
        }
        #expect(reason.sqlState == "42P01" && skipped.code == .skipped)
        let sums = try [3, 5, 6].map { try answers[$0].get().text(0, 0) }
        #expect(sums == ["3", "4", "5"])
      }
    }
  }

  @Test func aViewWithOtherColumnsIsPreparedAnew() async throws {
    try await withOurs("CREATE VIEW v AS SELECT 1 AS a") { session, url in
      let question: SQL = "SELECT * FROM v"
      for _ in 0..<2 { #expect(try await session.rows(question, as: Int.self) == [1]) }
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("DROP VIEW v")
      try await other.execute("CREATE VIEW v AS SELECT 'b'::text AS b, 2 AS c")
      await other.close()
      await #expect(throws: DatabaseError.self) { try await session.run([.statement(question, [])])[0].get() }
      let answer = try await session.run([.statement(question, [])])[0].get()
      #expect(answer.text(0, 0) == "b" && answer.text(0, 1) == "2")
    }
  }

  @Test func nothingForeignIsAskedThere() async throws {
    try await withOurs { session, _ in
      await #expect(throws: DatabaseError.self) {
        try await session.run([.plan(PlanRequest(planning: "SELECT 1"))])[0].get()
      }
      await #expect(throws: DatabaseError.self) {
        _ = try await session.bounded(.readOnly) { (session) async throws -> Int in
          try await session.stream(AdmittedStatement(admitting: "SELECT 1"), limits: RowLimits()).rowCount
        }
      }
      let sum: [String] = try await session.rows(Self.sum, ["1"])
      #expect(sum == ["2"])
    }
  }

  /// - Returns: the server process, and how many questions were prepared before and after one more.
  private static func look(_ session: Session, _ ours: Bool) async throws -> (String, [String]) {
    #expect(await session.isOurs == ours)
    let before: [String] = try await session.rows(names)
    let _: [String] = try await session.rows(sum, ["1"])
    let process: [String] = try await session.rows("SELECT pg_backend_pid()::text")
    return (process[0], try await before + session.rows(names))
  }

  /// One session, for both in turn.
  @Test(arguments: [1, 3]) func aPoolKeepsThemApart(sessions: Int) async throws {
    try await withDatabase { url in
      let pool = Pool(ConnectionTarget(url: url), limits: PoolLimits(sessions: sessions))
      var processes: Set<String> = []
      for _ in 0..<3 {
        for ours in [true, false, true] {
          let (process, prepared) = try await pool.lend(ours: ours) { session in try await Self.look(session, ours) }
          processes.insert(process)
          if ours { #expect(prepared[1] != "0") } else { #expect(prepared == ["0", "0"]) }
        }
      }
      #expect(processes.count == min(sessions, 2))
      await pool.close()
    }
  }
}
