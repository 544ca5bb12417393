// Sessions on a real server: asking, failing, many at once.

import Database
import Support
import Testing

@Suite(.needsServer) struct SessionTests {
  struct Everything: Decodable, Sendable, Equatable {
    enum Colour: String, Decodable { case red, green }
    let small: Int
    let big: Int64
    let oid: UInt32
    let ratio: Double
    let yes: Bool
    let no: Bool?
    let name: String
    let nothing: String?
    let names: [String]
    let ratios: [Double]
    let colour: Colour
  }

  @Test func decodesRowsByColumnName() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let rows: [Everything] = try await session.rows(
        """
        SELECT 'green' AS colour, 1::int2 AS small, 9007199254740993 AS big, 4294967295::oid AS oid, 1e300::float8 AS ratio,
          true AS yes, NULL::bool AS no, 'O''Brien' AS name, NULL AS nothing, ARRAY['a','b c'] AS names,
          ARRAY[0.5, 'Infinity']::float8[] AS ratios
        """)
      let expected = Everything(
        small: 1, big: 9_007_199_254_740_993, oid: 4_294_967_295, ratio: 1e300, yes: true, no: nil, name: "O'Brien",
        nothing: nil, names: ["a", "b c"], ratios: [0.5, .infinity], colour: .green)
      #expect(rows == [expected])
      await session.close()
    }
  }

  @Test func saysWhichColumnDoesNotFitAndNotWhatIsInIt() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await session.rows("SELECT 'secret' AS n", as: [String: Int].self)
      }
      #expect(error?.code == .protocolViolation)
      #expect(error?.message.contains("column n is no Int") == true)
      #expect(error?.message.contains("secret") == false)
      await session.close()
    }
  }

  @Test func answersStepsInOrderAndSkipsToTheNextBoundary() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let results = try await session.run([
        .statement("SELECT 1", []), .statement("SELECT 1/0", []), .statement("SELECT 2", []), .boundary,
        .statement("SELECT $1::text", ["x'; DROP TABLE t; --"]), .boundary, .boundary, .statement("SELECT 3", []),
      ])
      #expect(try results[0].get().text(0, 0) == "1")
      #expect(failure(results[1])?.sqlState == "22012")
      #expect(failure(results[1])?.message == "division by zero")
      #expect(failure(results[2])?.code == .skipped)
      #expect(try results[3].get().columns.isEmpty && results[3].get().rows.isEmpty)
      #expect(try results[4].get().text(0, 0) == "x'; DROP TABLE t; --")
      #expect(try results[7].get().text(0, 0) == "3")
      #expect(try results[7].get().text(0, 1) == nil)
      await session.close()
    }
  }

  @Test func parametersWithoutValuesAreAnErrorAndNotTheEnd() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let results = try await session.run([.plan(PlanRequest(planning: "SELECT $1::int"))])
      #expect(failure(results[0])?.code == .server && failure(results[0])?.sqlState == "08P01")
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func aBatchFarBeyondEveryBufferDoesNotDeadlock() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let value = String(repeating: "v", count: 20_000)
      var steps: [Step] = []
      for number in 0..<1_000 {
        steps.append(.statement("SELECT $1::text, $2::text", ["\(number)", value]))
        if number % 300 == 0 { steps.append(.boundary) }
      }
      let results = try await session.run(steps)
      #expect(results.count == steps.count)
      let numbers = try results.compactMap { try $0.get().text(0, 0) }.compactMap { Int($0) }
      #expect(numbers == Array(0..<1_000))
      #expect(try results[500].get().text(0, 1)?.utf8.count == 20_000)
      await session.close()
    }
  }

  @Test func aZeroByteIsRefusedAndNotCutOff() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let results = try await session.run([
        .statement("SELECT $1::text", ["a\0b"]), .statement("SELECT 1", []), .boundary,
        .plan(PlanRequest(planning: "SELECT 1 \0; DROP TABLE t")), .boundary, .statement("SELECT 2", []),
      ])
      #expect(failure(results[0])?.code == .invalidText)
      #expect(failure(results[1])?.code == .skipped)
      #expect(failure(results[3])?.code == .invalidText)
      #expect(try results[5].get().text(0, 0) == "2")
      await session.close()
    }
  }

  @Test func manyTasksOnOneSessionGetTheirOwnAnswers() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<200 {
          group.addTask {
            let results = try await session.run([
              .statement("SELECT $1::int", ["\(number)"]), .statement("SELECT pg_sleep(0)::text", []),
              .statement("SELECT $1::int + 1", ["\(number)"]),
            ])
            return try results[0].get().text(0, 0) == "\(number)" && results[2].get().text(0, 0) == "\(number + 1)"
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      await session.close()
    }
  }

  @Test func manySessionsShareOneReactor() async throws {
    try await withDatabase { url in
      let reactor = Reactor()
      let began = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<16 {
          group.addTask {
            let session = try await Session.open(ConnectionTarget(url: url), on: reactor)
            let answer: [Int] = try await session.rows("SELECT $1::int FROM pg_sleep(0.3)", ["\(number)"])
            #expect(answer == [number])
            await session.close()
          }
        }
        try await group.waitForAll()
      }
      // One after the other would take 4.8 seconds: nobody blocks anybody.
      #expect(ContinuousClock.now - began < .seconds(3))
    }
  }

  @Test func aLostConnectionIsToldWithTheServersReason() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let killer = try await Session.open(ConnectionTarget(url: url))
      let process: [String] = try await session.rows("SELECT pg_backend_pid()::text")
      try await killer.execute("SELECT pg_terminate_backend($1::int)", process)
      let error = await #expect(throws: DatabaseError.self) { try await session.execute("SELECT 1 FROM pg_sleep(5)") }
      #expect(error?.code == .connectionLost)
      #expect(error?.message.contains("terminating connection due to administrator command") == true)
      let again = await #expect(throws: DatabaseError.self) { try await session.execute("SELECT 1") }
      #expect(again?.code == .connectionLost)
      await session.close()
      await killer.close()
    }
  }

  @Test func aClosedSessionSaysSo() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      await session.close()
      await session.close()
      let error = await #expect(throws: DatabaseError.self) { try await session.execute("SELECT 1") }
      #expect(error?.code == .closed)
    }
  }

  @Test func knowsTheServer() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let server = session.server
      #expect(server.versionNumber >= 130_000)
      #expect(server.versionText.hasPrefix("\(server.majorVersion)"))
      #expect(!server.isInRecovery)
      #expect(server.user == "postgres" && server.isSuperuser && server.canReadAllStats)
      #expect(server.database.hasPrefix("test_"))
      #expect(server.searchPath == ["public"])
      #expect(server.blockSize == 8192)
      #expect(!server.isPooled)
      await session.close()
    }
  }

  @Test func knowsWhereExtensionsAre() async throws {
    try await withDatabase(hasExtensions: false) { url in
      let before = try await Session.open(ConnectionTarget(url: url))
      guard case .available = before.server.hypopg, case .available = before.server.statStatements else { return }
      try await before.execute("CREATE SCHEMA \"Odd Place\"")
      try await before.execute("CREATE EXTENSION hypopg SCHEMA \"Odd Place\"")
      await before.close()
      let after = try await Session.open(ConnectionTarget(url: url))
      guard case .installed(let schema, let version) = after.server.hypopg else {
        Issue.record("hypopg is not seen")
        return
      }
      #expect(schema == "Odd Place" && !version.isEmpty)
      #expect(after.server.preloadsStatStatements)
      await after.close()
    }
  }

  @Test func anUnprivilegedRoleCanLookAtTheServer() async throws {
    try await withDatabase { url in
      let admin = try await Session.open(ConnectionTarget(url: url))
      let role = "\(admin.server.database)_plain"
      _ = try ScratchCluster.shared().run("CREATE ROLE \(role) LOGIN")
      let plain = try await Session.open(
        ConnectionTarget(url: try ScratchCluster.shared().url(database: admin.server.database, role: role)))
      #expect(plain.server.user == role && !plain.server.isSuperuser && !plain.server.canReadAllStats)
      #expect(plain.server.preloadsStatStatements == admin.server.preloadsStatStatements)
      await plain.close()
      await admin.close()
      _ = try ScratchCluster.shared().run("DROP ROLE \(role)")
    }
  }

  private func failure(_ result: Result<StepRows, DatabaseError>) -> DatabaseError? {
    if case .failure(let error) = result { error } else { nil }
  }
}
