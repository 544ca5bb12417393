// Foreign statements: planned and not run, run and rolled back.

import Database
import Support
import Testing

@Suite(.needsServer) struct ExplainTests {
  private func failure(_ result: Result<StepRows, DatabaseError>) -> DatabaseError? {
    if case .failure(let error) = result { error } else { nil }
  }

  private func plan(_ request: PlanRequest, on session: Session) async throws -> Plan {
    let results = try await session.run([.plan(request)])
    return try Plan(parsing: try results[0].get().rows[0][0] ?? [])
  }

  @Test func planningRunsNothing() async throws {
    let schema = """
      CREATE TABLE t (a int);
      CREATE FUNCTION touch() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO t VALUES (1) RETURNING a';
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for text in ["SELECT touch()", "INSERT INTO t VALUES (2)", "DELETE FROM t", "CREATE TABLE u AS SELECT 1"] {
        let results = try await session.run([.plan(PlanRequest(planning: text))])
        #expect(throws: Never.self) { try results[0].get() }
      }
      for text in [
        "ANALYZE INSERT INTO t VALUES (3)", "SELECT 1; INSERT INTO t VALUES (4)", "(ANALYZE) INSERT INTO t VALUES (5)",
        "ANALYZE SELECT touch()", ", ANALYZE) SELECT touch()", "", "SELECT 1; COMMIT", "DROP TABLE t", "VACUUM",
      ] {
        let results = try await session.run([.plan(PlanRequest(planning: text))])
        #expect(failure(results[0])?.sqlState == "42601", "\(text)")
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [0])
      await session.close()
    }
  }

  @Test func valuesAreBoundAndNeverText() async throws {
    let schema = "CREATE TABLE t (a text); INSERT INTO t SELECT 'O''Brien' FROM generate_series(1, 100); ANALYZE t"
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for (value, rows) in [("O'Brien", 100.0), ("x'; DELETE FROM t; --", 1), ("$1", 1)] {
        let request = PlanRequest(planning: "SELECT * FROM t WHERE a = $1", parameters: [PlanParameter(value: value)])
        #expect(try await plan(request, on: session).root.rows == rows)
      }
      let null = PlanRequest(
        planning: "SELECT * FROM t WHERE a = $1", parameters: [PlanParameter(value: nil, typeID: 25)])
      #expect(try await plan(null, on: session).root.type == "Result")
      await session.close()
    }
  }

  @Test func parameterTypesAreInferred() async throws {
    try await withDatabase(schema: "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE t (a date, b mood[], c numeric(9,2))")
    {
      url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let types = try await session.parameterTypes(
        of: PlanRequest(planning: "SELECT FROM t WHERE a > $2 AND b = $1 AND c = $4 LIMIT $3"))
      #expect(types.map(\.name) == ["mood[]", "date", "bigint", "numeric"])
      #expect(types[1].typeID == 1082)
      #expect(try await session.parameterTypes(of: PlanRequest(planning: "SELECT 1")).isEmpty)
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await session.parameterTypes(of: PlanRequest(planning: "SELECT $1 FROM nowhere"))
      }
      #expect(error?.sqlState == "42P01")
      await session.close()
    }
  }

  @Test func aPlanKeepsTheTree() async throws {
    let schema = """
      CREATE TABLE a (id int PRIMARY KEY, x int); CREATE TABLE b (id int, a_id int);
      INSERT INTO a SELECT i, i FROM generate_series(1, 1000) AS i;
      INSERT INTO b SELECT i, i FROM generate_series(1, 1000) AS i; ANALYZE;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("SET work_mem = '8MB'")
      try await session.execute("SET enable_hashjoin = off")
      try await session.execute("SET enable_mergejoin = off")
      let plan = try await plan(
        PlanRequest(
          planning: "SELECT * FROM b AS bb JOIN a ON a.id = bb.a_id WHERE bb.id < 5 ORDER BY a.x", isVerbose: true,
          showsSettings: true), on: session)
      #expect(plan.root.type == "Sort")
      #expect(plan.root.conditions.map(\.label) == ["Sort Key"])
      let scan = try #require(plan.nodes.first { $0.index != nil })
      #expect(scan.index == "a_pkey" && scan.relation == "a" && scan.schema == "public" && scan.alias == "a")
      #expect(scan.conditions.contains { $0.label == "Index Cond" && $0.text == "(a.id = bb.a_id)" })
      #expect(plan.nodes.first { $0.relation == "b" }?.alias == "bb")
      #expect(plan.root.totalCost >= scan.totalCost && plan.root.startupCost > 0 && plan.root.width > 0)
      #expect(plan.indexNames == ["a_pkey"])
      #expect(plan.renamingIndexes { "<\($0)>" }.indexNames == ["<a_pkey>"])
      #expect(plan.settings.contains { $0.name == "work_mem" && $0.value == "8MB" })
      #expect(plan.executionTime == nil && plan.root.actualRows == nil)
      await session.close()
    }
  }

  @Test func analysingRunsReadsOnlyAndRollsBack() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 500)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let plan = try await session.analyze(
        AnalyzeRequest(running: "SELECT * FROM t WHERE a <= 20"), statementTimeout: .seconds(5))
      #expect(plan.root.actualRows == 20 && plan.root.actualLoops == 1)
      #expect(plan.executionTime ?? -1 >= 0 && plan.planningTime ?? -1 >= 0)
      #expect(plan.root.actualTotalTime ?? -1 >= 0 && plan.root.sharedHitBlocks ?? 0 > 0)

      let refused = await #expect(throws: DatabaseError.self) {
        _ = try await session.analyze(AnalyzeRequest(running: "DELETE FROM t"), statementTimeout: .seconds(5))
      }
      #expect(refused?.sqlState == "25006")
      let deleted = try await session.analyze(
        AnalyzeRequest(running: "DELETE FROM t", allowsWrites: true), statementTimeout: .seconds(5))
      #expect(deleted.root.type == "ModifyTable" && deleted.root.children.first?.actualRows == 500)
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [500])

      let slow = await #expect(throws: DatabaseError.self) {
        _ = try await session.analyze(
          AnalyzeRequest(running: "SELECT pg_sleep(20)"), statementTimeout: .milliseconds(50))
      }
      #expect(slow?.code == .statementTimeout)
      let several = await #expect(throws: DatabaseError.self) {
        _ = try await session.analyze(
          AnalyzeRequest(running: "SELECT 1; DELETE FROM t", allowsWrites: true), statementTimeout: .seconds(5))
      }
      #expect(several?.sqlState == "42601")
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [500])
      await session.close()
    }
  }

  @Test func genericPlansWhereTheServerHasThem() async throws {
    let schema = """
      CREATE TABLE t (a int, b text); INSERT INTO t SELECT i % 100, 'x' FROM generate_series(1, 10000) AS i;
      CREATE INDEX t_a ON t (a); ANALYZE t;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let results = try await session.run([
        .statement("SELECT 1", []), .plan(PlanRequest(planning: "SELECT * FROM t WHERE a = $1", isGeneric: true)),
        .statement("SELECT 2", []), .boundary,
        .plan(PlanRequest(planning: "SELECT $1::int; DELETE FROM t", isGeneric: true)), .statement("SELECT 3", []),
        .boundary, .statement("SELECT 4", []),
      ])
      #expect(try results[0].get().text(0, 0) == "1")
      #expect(try results[7].get().text(0, 0) == "4")
      #expect(failure(results[5])?.code == .skipped)
      if session.server.majorVersion < 16 {
        #expect(failure(results[1])?.code == .unsupported && failure(results[4])?.code == .unsupported)
        #expect(failure(results[2])?.code == .skipped)
      } else {
        #expect(PlanSummary(scanning: try results[1].get().rows[0][0] ?? [])?.rows == 100)
        #expect(try results[2].get().text(0, 0) == "2")
        #expect(failure(results[4])?.sqlState == "42601")
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [10_000])
      await session.close()
    }
  }
}
