// pg_stat_statements as it really records.

import Database
import Support
import Testing

@Suite(.needsServer, .serialized) struct StatementStatisticsTests {
  private func statistics(
    _ session: Session, _ change: (inout StatementThresholds) -> Void = { _ in }
  ) async throws -> StatementStatistics {
    var thresholds = StatementThresholds()
    thresholds.minimumShare = 0
    change(&thresholds)
    return try await session.statementStatistics(thresholds)
  }

  private func isRecorded(_ session: Session) -> Bool {
    guard case .installed = session.server.statStatements else { return false }
    return session.server.preloadsStatStatements
  }

  @Test func recordsOthersAndNotUs() async throws {
    let schema =
      "CREATE TABLE orders (id int, note text); INSERT INTO orders SELECT i, 'n' FROM generate_series(1, 100) i"
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard isRecorded(session) else { return }
      let cluster = try ScratchCluster.shared()
      for number in 1...3 {
        try cluster.run("SELECT * FROM orders WHERE id < \(number * 10)", in: session.server.database)
      }
      try await session.execute("SELECT count(*) FROM orders")
      _ = try await session.run([.plan(PlanRequest(planning: "SELECT * FROM orders WHERE note = 'planned'"))])
      _ = try await session.analyze(
        AnalyzeRequest(running: "SELECT max(id) FROM orders"), statementTimeout: .seconds(5))
      let found = try await statistics(session)
      let recorded = try #require(found.statements.first { $0.text == "SELECT * FROM orders WHERE id < $1" })
      #expect(recorded.calls == 3 && recorded.rows == 9 + 19 + 29 && recorded.role == "postgres")
      #expect(recorded.totalMilliseconds > 0)
      #expect(abs(recorded.meanMilliseconds * 3 - recorded.totalMilliseconds) < 0.001)
      #expect(recorded.blocksHit >= 3 && recorded.isTopLevel && recorded.queryID != 0)
      let insert = try #require(found.statements.first { $0.text.hasPrefix("INSERT INTO orders") })
      #expect(insert.walBytes > 0 && insert.walRecords >= 100 && insert.blocksDirtied > 0)
      // None of ours, neither questions nor EXPLAINs of foreign text nor what was run under EXPLAIN.
      for text in found.statements.map(\.text) {
        #expect(!text.contains("pgadvisor"))
        #expect(!text.contains("count(*) FROM orders") && !text.contains("planned") && !text.contains("max(id)"))
      }
      #expect(found.since != nil || session.server.majorVersion == 13)
      #expect(found.deallocations != nil || session.server.majorVersion == 13)
      #expect(found.statements.map(\.totalMilliseconds) == found.statements.map(\.totalMilliseconds).sorted(by: >))
      #expect(found.leftOutCount == 0 && found.recordedCount == found.statements.count)
      await session.close()
    }
  }

  @Test func thresholdsLeaveOutAndCountWhatTheyLeaveOut() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard isRecorded(session) else { return }
      let cluster = try ScratchCluster.shared()
      try cluster.run("SELECT 1 AS often; SELECT 1 AS often; SELECT pg_sleep(0.05);", in: session.server.database)
      let all = try await statistics(session)
      let often = try await statistics(session) { $0.minimumCalls = 2 }
      #expect(often.statements.map(\.text) == ["SELECT $1 AS often"])
      #expect(often.leftOutCount == all.recordedCount - 1)
      let slow = try await statistics(session) { $0.minimumMeanMilliseconds = 40 }
      #expect(slow.statements.map(\.text) == ["SELECT pg_sleep($1)"])
      let heavy = try await statistics(session) { $0.minimumShare = 0.5 }
      #expect(heavy.statements.map(\.text) == ["SELECT pg_sleep($1)"])
      let limited = try await statistics(session) { $0.limit = 1 }
      #expect(limited.statements.count == 1 && limited.recordedMilliseconds == all.recordedMilliseconds)
      await session.close()
    }
  }

  @Test func searchPathsAreThoseOfTheRole() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard isRecorded(session) else { return }
      let cluster = try ScratchCluster.shared()
      let database = session.server.database
      try cluster.run(
        """
        CREATE ROLE \(database)_own LOGIN; CREATE ROLE \(database)_both LOGIN; CREATE ROLE \(database)_none LOGIN;
        ALTER ROLE \(database)_own SET search_path = app, "My Schema";
        ALTER ROLE \(database)_both SET search_path = wrong;
        ALTER ROLE \(database)_both IN DATABASE \(database) SET search_path = "$user", right_one;
        """)
      for role in ["own", "both", "none"] {
        try requireCommand(
          [
            "psql", "-X", "-q", "-d", cluster.url(database: database, role: "\(database)_\(role)"), "-c",
            "SELECT 1 AS x",
          ])
      }
      let found = try await session.readOnly { session in try await statistics(session) }
      func path(_ role: String) -> String? { found.statements.first { $0.role == "\(database)_\(role)" }?.searchPath }
      #expect(path("own") == "app, \"My Schema\"")
      #expect(path("both") == "\"$user\", right_one")
      #expect(path("none") == "\"$user\", public")
      try await session.execute("ALTER ROLE postgres SET search_path = ours")
      let again = try await Session.open(ConnectionTarget(url: url))
      let seen = try await statistics(again)
      #expect(seen.statements.first { $0.role == "\(database)_none" }?.searchPath == "\"$user\", public")
      try await session.execute("ALTER ROLE postgres RESET search_path")
      await again.close()
      await session.close()
      try cluster.run(
        "DROP ROLE \(database)_own; DROP ROLE \(database)_both; DROP ROLE \(database)_none")
    }
  }

  @Test func whatIsHiddenIsCounted() async throws {
    try await withDatabase { url in
      let admin = try await Session.open(ConnectionTarget(url: url))
      guard isRecorded(admin) else { return }
      let cluster = try ScratchCluster.shared()
      let database = admin.server.database
      try cluster.run("SELECT 1 AS secret", in: database)
      try cluster.run("CREATE ROLE \(database)_plain LOGIN")
      let plain = try await Session.open(
        ConnectionTarget(url: cluster.url(database: database, role: "\(database)_plain")))
      let found = try await statistics(plain)
      #expect(found.hiddenCount > 0)
      #expect(!found.statements.contains { $0.text.contains("insufficient privilege") || $0.text.contains("secret") })
      #expect(found.recordedMilliseconds > 0)
      await plain.close()
      await admin.close()
      try cluster.run("DROP ROLE \(database)_plain")
    }
  }

  @Test func anOlderExtensionVersionIsRead() async throws {
    for version in ["1.4", "1.7", "1.8", "1.9"] {
      try await withDatabase(hasExtensions: false) { url in
        let session = try await Session.open(ConnectionTarget(url: url))
        let cluster = try ScratchCluster.shared()
        let database = session.server.database
        await session.close()
        let created = try? cluster.run(
          "CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats VERSION '\(version)'", in: database)
        guard created != nil else { return }
        let again = try await Session.open(ConnectionTarget(url: url))
        let found = try await statistics(again)
        #expect(found.statements.contains { $0.text == "CREATE SCHEMA stats" })
        #expect((found.since == nil) == (version < "1.9"))
        await again.close()
      }
    }
  }

  @Test func withoutTheExtensionItSaysSo() async throws {
    try await withDatabase(hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = await #expect(throws: DatabaseError.self) { _ = try await statistics(session) }
      #expect(error?.code == .unsupported)
      await session.close()
    }
  }
}
