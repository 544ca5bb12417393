// Everything again behind PgBouncer in transaction mode, where nothing may rely on the session.

import Database
import Support
import Testing

@Suite(.needsServer, .enabled(if: Pooler.program != nil, "skipped: no pgbouncer"))
struct PoolerTests {
  private static let pooler = Result { try Pooler.start(before: try ScratchCluster.shared()) }

  private func withPooledDatabase(
    _ schema: String = "", _ body: @escaping (_ pooled: String) async throws -> Void
  ) async throws {
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let name = session.server.database
      await session.close()
      let pooler = try await onOwnThread { try Self.pooler.get() }
      try await body(pooler.url(database: name))
    }
  }

  @Test func opensAndKnowsThatItIsPooled() async throws {
    try await withPooledDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      #expect(session.server.isPooled)
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func pipelinesOutsideAndInsideTransactions() async throws {
    try await withPooledDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let steps: [Step] = (0..<1_500).flatMap { number -> [Step] in
        [.statement("SELECT $1::int", ["\(number)"])] + (number % 100 == 0 ? [.boundary] : [])
      }
      let outside = try await session.run(steps)
      #expect(try outside.compactMap { try $0.get().text(0, 0) } == (0..<1_500).map { "\($0)" })
      let inside = try await session.readOnly { session in try await session.run(steps) }
      #expect(try inside.compactMap { try $0.get().text(0, 0) } == (0..<1_500).map { "\($0)" })
      let failing = try await session.run([
        .statement("SELECT 1/0", []), .statement("SELECT 1", []), .boundary, .statement("SELECT 2", []),
      ])
      guard case .failure(let error) = failing[0], case .failure(let skipped) = failing[1] else {
        Issue.record("no failure behind the pooler")
        return
      }
      #expect(error.sqlState == "22012" && skipped.code == .skipped)
      #expect(try failing[3].get().text(0, 0) == "2")
      await session.close()
    }
  }

  @Test func hypotheticalIndexesWithinOneTransaction() async throws {
    let schema = "CREATE TABLE t AS SELECT i AS a, i % 1000 AS b FROM generate_series(1, 50000) AS i; ANALYZE t"
    try await withPooledDatabase(schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard case .installed = session.server.hypopg else { return }
      // Two clients take turns on the one server connection.
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<2 {
          group.addTask {
            let session = try await Session.open(ConnectionTarget(url: url))
            for _ in 0..<20 {
              let names = try await session.readOnly { session in
                let results = try await session.run([
                  .statement("SELECT hypopg_reset()", []),
                  .statement("SELECT hypopg_create_index($1)", ["CREATE INDEX ON t (b)"]),
                  .plan(PlanRequest(planning: "SELECT * FROM t WHERE b = $1", parameters: [PlanParameter(value: "7")])),
                  .statement("SELECT hypopg_reset()", []),
                ])
                let bytes = try results[2].get().rows[0][0] ?? []
                return PlanSummary(scanning: bytes)?.indexNames ?? []
              }
              #expect(names.count == 1)
              #expect(names.first?.contains("btree_t_b") == true)
            }
            await session.close()
          }
        }
        try await group.waitForAll()
      }
      await session.close()
    }
  }

  @Test func readsTheCatalogAndParameterTypes() async throws {
    try await withPooledDatabase("CREATE TABLE t (a int PRIMARY KEY, b text); ANALYZE t") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let catalog = try await session.catalog(naming: ["t"])
      #expect(catalog.relation(schema: "public", name: "t", searchPath: [])?.columns.map(\.name) == ["a", "b"])
      let types = try await session.parameterTypes(of: PlanRequest(planning: "SELECT FROM t WHERE a = $1 AND b = $2"))
      #expect(types.map(\.name) == ["integer", "text"])
      await session.close()
    }
  }

  @Test func cancelsThroughThePooler() async throws {
    try await withPooledDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let task = Task {
        try await session.readOnly { session in try await session.execute("SELECT pg_sleep(20)") }
      }
      try await Task.sleep(for: .milliseconds(300))
      task.cancel()
      let error = await #expect(throws: DatabaseError.self) { try await task.value }
      #expect(error?.code == .cancelled)
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test func startupParametersAreToldApart() async throws {
    try await withPooledDatabase { url in
      let error = await #expect(throws: DatabaseError.self) {
        try await Session.open(ConnectionTarget(url: url + "&options=-cgeqo%3Doff"))
      }
      #expect(error?.code == .startupParameterRefused)
    }
  }

  /// Nothing but the transaction holds one server connection, so all settings must be local to it.
  @Test func foreignStatementsRunUnderTheirBounds() async throws {
    try await withPooledDatabase("CREATE TABLE t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let settings: SQL = "SELECT current_setting('search_path') || ' ' || current_setting('statement_timeout')"
      let before: [String] = try await session.rows(settings)
      for round in 1...10 {
        let inside: [String] = try await session.bounded(.readOnly) { session in
          let rows = try await session.stream(
            AdmittedStatement(admitting: "SELECT generate_series(1, 100000000)"), limits: RowLimits(rows: round))
          #expect(rows.rows.count == round && rows.truncation == .rows)
          let error = await #expect(throws: DatabaseError.self) {
            try await session.stream(AdmittedStatement(admitting: "INSERT INTO t VALUES (1)"), limits: RowLimits())
          }
          #expect(error?.sqlState == "25006")
          return try await session.rows(settings)
        }
        #expect(inside == ["public, pg_temp 30s"])
        let written = try await session.bounded(.readWrite) { session in
          try await session.stream(AdmittedStatement(admitting: "INSERT INTO t VALUES (1)"), limits: RowLimits())
        }
        #expect(written.affectedRows == 1)
        #expect(try await session.rows(settings, as: String.self) == before)
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [10])
      await session.close()
    }
  }

  /// A pool of ours before a pooler: there is nothing to discard, and nobody else's session is touched.
  @Test func aPoolBeforeThePooler() async throws {
    try await withPooledDatabase("CREATE TABLE t (a int)") { url in
      let pool = Pool(ConnectionTarget(url: url), limits: PoolLimits(sessions: 2))
      let other = try await Session.open(ConnectionTarget(url: url))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          group.addTask {
            let rows = try await pool.lend { session in
              try await session.bounded(.readOnly) { session in
                try await session.stream(AdmittedStatement(admitting: "SELECT \(number)"), limits: RowLimits())
              }
            }
            #expect(rows.text(0, 0) == "\(number)")
          }
        }
        try await group.waitForAll()
      }
      #expect(await pool.idleCount <= 2)
      #expect(try await other.rows("SELECT 1", as: Int.self) == [1])
      await pool.close()
      await other.close()
    }
  }
}
