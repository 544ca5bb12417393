// `advise` on a real server: every statement gets an answer or a reason, the same each time, and nothing is changed.

import Advisor
import Database
import IndexTuner
import Support
import Synchronization
import Terminal
import Testing

@Suite(.needsServer) struct AdviseTests {
  private static let schema = contents(of: packageFile("Fixtures/advice/schema.sql")) ?? ""

  private func request(files: [String] = [], queries: [String] = []) -> AdviceRequest {
    var request = AdviceRequest()
    request.usesStatistics = false
    request.files = files
    request.queries = queries
    return request
  }

  private func fixedNames(_ advice: Advice) -> Advice {
    var advice = advice
    advice.server.database = "shop"
    advice.server.version = "15"
    advice.server.hypopgVersion = "1"
    advice.examined.sources = ["queries.sql"]
    for place in advice.tuning.outcomes.indices {
      advice.tuning.outcomes[place].query.origin = .argument(place + 1)
    }
    for place in advice.tuning.skipped.indices { advice.tuning.skipped[place].origin = .argument(place + 1) }
    return timeless(advice)
  }

  /// Without the writes a second: the clock goes on between two looks. A server before 15 knows since when it counts from
  /// the first moment on.
  private func timeless(_ advice: Advice) -> Advice {
    var advice = advice
    for place in advice.tuning.recommendations.indices {
      advice.tuning.recommendations[place].writeCost.seconds = nil
    }
    return advice
  }

  @Test func threeFormatsOfOneAdvice() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let target = ConnectionTarget(url: url)
      let session = try await Session.open(target)
      let major = session.server.majorVersion
      await session.close()
      let advice = fixedNames(
        try await Advise().advice(on: target, for: request(files: [packageFile("Fixtures/advice/queries.sql")])))
      for renderer in allRenderers(.plain) {
        let text = renderer.render(advice)
        #expect(text.hasSuffix("\n"))
        // Costs change from one major version to the next; the golden files are of 15.
        if major == 15 { expectGolden(text, at: "Fixtures/advice/expected.\(renderer.id)") }
      }
    }
  }

  @Test func everyStatementGetsAnAnswerOrAReason() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let advice = try await Advise().advice(
        on: ConnectionTarget(url: url), for: request(files: [packageFile("Fixtures/advice/queries.sql")]))
      #expect(advice.tuning.outcomes.count == 9)
      #expect(advice.tuning.skipped.count == 5)
      func reason(_ part: String) -> String? {
        advice.tuning.skipped.first { $0.text.contains(part) }?.reason
      }
      #expect(reason("missing_table")?.contains("relation \"missing_table\" does not exist") == true)
      #expect(reason("nonsense")?.contains("column customers.nonsense does not exist") == true)
      #expect(reason("VACUUM")?.contains("utility") == true)
      #expect(reason("SELEC 1")?.contains("syntax error") == true)
      #expect(reason("pg_class")?.contains("system catalogs") == true)
      #expect(advice.verdict == .recommendations)
      // Never dearer than without, statement by statement and in all.
      #expect(advice.tuning.costAfter <= advice.tuning.costBefore)
      let tables = Set(advice.tuning.recommendations.map { "\($0.index.tableName).\($0.index.keys[0].column)" })
      #expect(tables.isSuperset(of: ["customers.email", "OrderLine.OrderId", "events.kind", "orders.status"]))
      let existing = advice.tuning.recommendations.contains { $0.index.keyList == "customer_id" }
      #expect(!existing, "an index that exists was proposed")
    }
  }

  @Test func theNumberOfConnectionsDoesNotMatter() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let target = ConnectionTarget(url: url)
      var wanted = request(files: [packageFile("Fixtures/advice/queries.sql")])
      wanted.connections = 1
      let one = fixedNames(try await Advise().advice(on: target, for: wanted))
      for connections in [2, 4] {
        wanted.connections = connections
        let most = Mutex(0)
        let trace: @Sendable (PlanningTrace) -> Void = {
          if case .summary(_, _, let count) = $0 { most.withLock { $0 = count } }
        }
        let other = fixedNames(try await Advise(tracing: trace).advice(on: target, for: wanted))
        #expect(most.withLock { $0 } == connections)
        for renderer in allRenderers(.plain) { #expect(renderer.render(other) == renderer.render(one)) }
      }
    }
  }

  @Test func theOrderOfStatementsDoesNotMatter() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let text = contents(of: packageFile("Fixtures/advice/queries.sql")) ?? ""
      let statements = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("--") }
      let target = ConnectionTarget(url: url)
      let first = fixedNames(try await Advise().advice(on: target, for: request(queries: statements)))
      await withSeededRandom { random in
        let shuffled = statements.shuffled(using: &random)
        let second = fixedNames(try await Advise().advice(on: target, for: request(queries: shuffled)))
        #expect(JSONRenderer().render(first) == JSONRenderer().render(second))
      }
    }
  }

  @Test func dataNeverBecomesSQL() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let target = ConnectionTarget(url: url)
      var wanted = request(queries: ["SELECT id FROM customers WHERE name = $1 AND region = $2"])
      wanted.tuning.sampling.vectors = 20
      let advice = try await Advise().advice(on: target, for: wanted)
      #expect(advice.tuning.skipped.isEmpty)
      #expect((advice.tuning.outcomes.first?.query.variants.count ?? 0) > 3)
      let session = try await Session.open(target)
      let counts: [Int] = try await session.rows("SELECT count(*) FROM orders")
      #expect(counts == [30_000])
      await session.close()
    }
  }

  @Test func noHypotheticalIndexAndNoLockIsLeftBehind() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let found = FromFiles().statements(inArgument: "SELECT * FROM customers WHERE email = 'x'", number: 1).statements
      let tuning = try await Tuner(on: session, settings: TuningSettings()).tuning(for: found, until: Patience())
      #expect(tuning.recommendations.count == 1)
      let left: [Int] = try await session.rows("SELECT count(*) FROM hypopg()")
      #expect(left == [0])
      let locks: [Int] = try await session.rows(
        "SELECT count(*) FROM pg_locks WHERE relation = 'customers'::regclass AND pid = pg_backend_pid()")
      #expect(locks == [0])
      await session.close()
    }
  }

  @Test func aBudgetBindsAndATimeLimitStillAnswers() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let target = ConnectionTarget(url: url)
      var wanted = request(files: [packageFile("Fixtures/advice/queries.sql")])
      wanted.tuning.search.storageBudget = 700_000
      let small = try await Advise().advice(on: target, for: wanted)
      #expect(small.tuning.bytes <= 700_000)
      #expect(!small.tuning.recommendations.isEmpty)
      wanted.tuning.search.storageBudget = 0
      #expect(try await Advise().advice(on: target, for: wanted).verdict == .nothingToDo)
      let stop = StopSignal()
      stop.raise()
      let stopped = try await Advise().advice(on: target, for: wanted, stop: stop)
      #expect(stopped.verdict == .couldNotExamine)
    }
  }

  /// A log in the order of its time: a BRIN index where the space is small, a B-tree where there is enough.
  @Test func aSmallBudgetTakesBlockRanges() async throws {
    let schema = """
      CREATE TABLE log AS SELECT n AS id, timestamptz '2024-01-01' + n * interval '1 minute' AS at, n % 50 AS source,
        repeat('m', 60) AS message FROM generate_series(1, 400000) AS n;
      VACUUM ANALYZE log;
      """
    try await withDatabase(schema: schema) { url in
      let target = ConnectionTarget(url: url)
      var wanted = request(queries: ["SELECT count(*) FROM log WHERE at >= '2024-06-01' AND at < '2024-06-02'"])
      func methods(within budget: Int64?) async throws -> [IndexDefinition.Method] {
        wanted.tuning.search = SearchSettings(storageBudget: budget)
        return try await Advise().advice(on: target, for: wanted).tuning.recommendations.map(\.index.method)
      }
      let narrow = try await methods(within: 1_000_000)
      #expect(narrow == [.brin])
      let wide = try await methods(within: 100_000_000)
      #expect(wide == [.btree])
    }
  }

  @Test func aMissingExtensionIsSaidWithItsCure() async throws {
    try await withDatabase(hasExtensions: false) { url in
      await #expect {
        try await Advise().advice(on: ConnectionTarget(url: url), for: self.request(queries: ["SELECT 1"]))
      } throws: { error in
        "\(error)".contains("hypopg") && "\(error)".contains("CREATE EXTENSION")
      }
    }
  }

  @Test func statisticsBecomeAWorkloadWithoutOurOwnStatements() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let target = ConnectionTarget(url: url)
      let cluster = try ScratchCluster.shared()
      let database = String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
      for number in 0..<5 {
        try cluster.run("SELECT name FROM customers WHERE email = 'user\(number)@example.com'", in: database)
      }
      try cluster.run(
        "PREPARE p(int) AS SELECT quantity FROM \"OrderLine\" WHERE \"OrderId\" = $1; EXECUTE p(3); EXECUTE p(4)",
        in: database)
      try cluster.run(
        "SELECT id FROM orders WHERE placed_at >= timestamptz '2024-02-01' AND placed_at < timestamptz "
          + "'2024-02-01' + interval '1 hour'",
        in: database)
      var wanted = AdviceRequest()
      wanted.thresholds.minimumShare = 0
      _ = try await Advise().advice(on: target, for: wanted)
      let advice = try await Advise().advice(on: target, for: wanted)
      let texts = advice.tuning.outcomes.map(\.query.text)
      #expect(texts.contains("SELECT name FROM customers WHERE email = $1"))
      #expect(texts.contains("SELECT quantity FROM \"OrderLine\" WHERE \"OrderId\" = $1"))
      #expect(texts.contains { $0.contains("timestamptz $2") })
      #expect(!texts.contains { $0.contains("pgadvisor") || $0.contains("hypopg") })
      let columns = Set(advice.tuning.recommendations.map { $0.index.keys[0].column })
      #expect(columns.isSuperset(of: ["email", "OrderId", "placed_at"]))
      let lines = TextRenderer(style: .plain).render(timeless(advice)).split(separator: "\n")
      let again = TextRenderer(style: .plain).render(timeless(try await Advise().advice(on: target, for: wanted)))
      for (one, other) in zip(lines, again.split(separator: "\n")) { #expect(one == other) }
    }
  }
}
