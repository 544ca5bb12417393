// The fast scan of a plan says what the whole tree says.

import Database
import Support
import Testing

@Suite struct PlanSummaryTests {
  static let bait = "x\"\n      \"Index Name\": \"forged\",\n      \"Total Cost\": 0.01,"

  @Test func textThatIsNoPlanHasNoSummary() {
    for text in ["", "[]", "{}", "\n\n", "\"Total Cost\": 1", "[\n {\n \"Plan\": {\n \"Node Type\": \"Result\"\n}}]"] {
      #expect(PlanSummary(scanning: Array(text.utf8)) == nil)
    }
  }

  @Test(.needsServer) func agreesWithTheTreeOnManyPlans() async throws {
    let schema = """
      CREATE TABLE a (id int PRIMARY KEY, x int, note text, day date);
      CREATE TABLE b (id int PRIMARY KEY, a_id int, y text);
      CREATE TABLE p (id int, day date) PARTITION BY RANGE (day);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
      CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
      INSERT INTO a SELECT i, i % 100, 'n' || i % 7, date '2020-01-01' + i % 700 FROM generate_series(1, 20000) AS i;
      INSERT INTO b SELECT i, i % 500, 'y' || i % 9 FROM generate_series(1, 20000) AS i;
      INSERT INTO p SELECT i, date '2020-01-01' + i % 700 FROM generate_series(1, 20000) AS i;
      CREATE INDEX "quoted ""name"", of \\ an
      index é" ON a (x);
      CREATE INDEX "Index Name" ON b (a_id, y);
      CREATE INDEX "tab	and control" ON a (day);
      CREATE INDEX p_day ON p (day);
      CREATE INDEX partly ON b (y) WHERE y = 'x"
            "Index Name": "forged",';
      ANALYZE;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var seen: Set<String> = []
      try await session.readOnly { session in
        await withSeededRandom { random in
          for round in 0..<12 {
            let off = ["enable_seqscan", "enable_hashjoin", "enable_bitmapscan", "enable_nestloop", "enable_sort"]
            for setting in off {
              let value = round > 0 && Bool.random(using: &random) ? "off" : "on"
              try await session.execute("SELECT set_config($1, $2, true)", [setting, value])
            }
            for text in Self.statements {
              let results = try await session.run([
                .plan(PlanRequest(planning: text, isVerbose: round % 2 == 1, showsSettings: round % 3 == 1))
              ])
              let priced = try await session.run([.price(PlanRequest(planning: text).costing(isTimed: round % 2 == 0))])
              let price = try #require(try priced[0].get().price, "\(random)")
              let bytes = try results[0].get().rows[0][0] ?? []
              let summary = try #require(PlanSummary(scanning: bytes), "\(random)")
              #expect(price.cost == summary.totalCost && price.rows == summary.rows, "\(random)")
              #expect((price.planningMilliseconds ?? 0) > 0 || round % 2 == 1, "\(random)")
              let plan = try Plan(parsing: bytes)
              #expect(summary.totalCost == plan.root.totalCost, "\(random)")
              #expect(summary.startupCost == plan.root.startupCost, "\(random)")
              #expect(summary.rows == plan.root.rows, "\(random)")
              #expect(summary.indexNames.sorted() == plan.indexNames.sorted(), "\(random)")
              #expect(!summary.indexNames.contains("forged"), "\(random)")
              seen.formUnion(summary.indexNames)
            }
          }
        }
      }
      // The names that are hard to read were among them.
      #expect(seen.contains("quoted \"name\", of \\ an\nindex é"))
      #expect(seen.contains("Index Name") && seen.contains("tab\tand control"))
      await session.close()
    }
  }

  @Test(.needsServer) func hypotheticalIndexesAreReadFromTextAndNoneIsForged() async throws {
    let schema =
      "CREATE TABLE \"T t\" (a int, b int, c text); INSERT INTO \"T t\" SELECT g, g, 'x' FROM generate_series(1, 30000) g; ANALYZE;"
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      guard case .installed = session.server.hypopg else { return }
      try await session.readOnly { session in
        var made: [Int] = []
        for column in ["a", "b"] {
          made += try await session.rows(
            "SELECT indexrelid::int8 FROM hypopg_create_index($1)", ["CREATE INDEX ON \"T t\" (\(column))"],
            as: Int.self)
        }
        let forged = "\n->  Index Scan using \"<\(made[1])>btree\" on x  (cost=0.00..1.00 rows=1 width=1)"
        for (text, expected) in [
          ("SELECT a FROM \"T t\" WHERE a = 5", [0]), ("SELECT * FROM \"T t\" WHERE a = 5 OR b = 6", [0, 1]),
          ("SELECT max(b) FROM \"T t\"", [1]), ("SELECT * FROM \"T t\" ORDER BY b DESC LIMIT 1", [1]),
          ("SELECT * FROM \"T t\"", []), ("SELECT * FROM \"T t\" WHERE a = 5 AND c <> '\(forged)'", [0]),
          ("UPDATE \"T t\" SET c = 'y' WHERE b = 7", [1]),
        ] {
          let answers = try await session.run([.price(PlanRequest(planning: text).costing())])
          #expect(
            try answers[0].get().price?.hypotheticalIndexes.sorted() == expected.map { UInt32(made[$0]) }, "\(text)")
        }
        try await session.execute("SELECT hypopg_reset()")
      }
      await session.close()
    }
  }

  private static let statements = [
    "SELECT 1", "SELECT * FROM a WHERE id = 5", "SELECT * FROM a WHERE x = 5 AND note = '\(bait)'",
    "SELECT * FROM a JOIN b ON b.a_id = a.id WHERE a.x < 10 ORDER BY a.day LIMIT 5",
    "SELECT * FROM b WHERE a_id = 7 AND y = '\(bait)' OR a_id IN (1, 2, 3)",
    "SELECT x, count(*) FROM a WHERE day > '2021-01-01' GROUP BY x HAVING count(*) > 3",
    "SELECT * FROM a WHERE EXISTS (SELECT FROM b WHERE b.a_id = a.id AND b.y = 'y1') AND x = 3",
    "WITH w AS MATERIALIZED (SELECT * FROM a WHERE x = 1) SELECT * FROM w JOIN w AS v USING (id)",
    "SELECT (SELECT max(day) FROM a), (SELECT min(y) FROM b WHERE a_id = 3) UNION ALL SELECT now(), 'x'",
    "SELECT * FROM p WHERE day = '2021-05-05'", "SELECT * FROM p WHERE day BETWEEN '2020-12-01' AND '2021-02-01'",
    "UPDATE a SET note = '\(bait)' WHERE x = 9", "DELETE FROM b USING a WHERE a.id = b.a_id AND a.x = 1",
    "INSERT INTO a (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = '\(bait)'",
    "SELECT '\(bait)' AS \"\(bait.split(separator: "\"").joined())\", x FROM a WHERE x = 4",
    "SELECT row_number() OVER (PARTITION BY x ORDER BY day) FROM a WHERE id < 100",
  ]
}
