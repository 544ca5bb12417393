// Advice, statistics and health for a caller from whom a policy hides something: what is free of it gets what everybody
// gets, and two databases that differ in what is hidden answer alike.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer, .serialized) struct PolicyAdviceTests {
  private static let imagined: [JSONValue] = [
    "CREATE INDEX ON products (name)", "CREATE INDEX ON app.products (kind, price) INCLUDE (name) WHERE price > 5",
    "CREATE INDEX ON products (lower(name))", "CREATE INDEX ON events_2024 (id)",
    "CREATE INDEX vault ON products (name)",
    "CREATE INDEX ON stock (place, product_id)", ["table": "products", "columns": ["name"]],
    "CREATE INDEX ON products (alpha_id)", "CREATE INDEX ON products USING gin (name)",
    "CREATE INDEX ON products (name) TABLESPACE alpha", "CREATE INDEX ON orders (owner)",
    "CREATE INDEX ON customers (email)", "CREATE INDEX ON customers (alpha_id)", "CREATE INDEX ON customers (id)",
    "CREATE INDEX ON hr.alpha_wages (amount)", "CREATE INDEX ON vault (name)", "CREATE INDEX ON cellar (name)",
    ["table": "vault", "columns": ["name"]], ["table": "hr.alpha_wages", "columns": ["amount"]],
    ["table": "products", "columns": ["(SELECT max(email) FROM customers)"]],
    ["table": "products", "columns": ["name) WHERE EXISTS (SELECT FROM vault"]],
    ["table": "products", "columns": ["name"], "using": "btree\" (id); CREATE INDEX ON \"vault"],
    "CREATE INDEX ON products (name) WHERE id IN (SELECT id FROM customers)",
    "CREATE INDEX ON products ((mail(id)))", "CREATE INDEX ON products ((quiet(id)))",
    "CREATE INDEX ON products ((quiet(7) + id))", "CREATE INDEX ON products ((name::regclass))",
    "CREATE INDEX ON products ((pg_relation_size('orders') + id))",
    "CREATE INDEX ON products ((row(customers.*)::text))", "CREATE INDEX ON products (name COLLATE \"alpha\")",
    "CREATE INDEX ON products (name); CREATE INDEX ON orders (note)", "CREATE INDEX ON events (id)",
    "CREATE INDEX ON events_2025 (note)", "CREATE INDEX ON notes (words)", "CREATE INDEX ON mails (email)",
    "CREATE INDEX ON product_view (id)", "CREATE INDEX ON pg_catalog.pg_statistic (starelid)",
    "CREATE INDEX ON orders_alpha (owner)", "DROP TABLE products", "SELECT 1", "", "CREATE INDEX ON",
  ]

  private static let asked: [JSONValue] = [
    ["SELECT id FROM products WHERE name = 'P5'"],
    ["SELECT * FROM app.stock WHERE place = 'place 3' AND product_id = 4"],
    [
      "SELECT name FROM products p JOIN stock s ON s.product_id = p.id WHERE place = 'place 7' ORDER BY price LIMIT 5"
    ],
    ["UPDATE stock SET place = 'x' WHERE product_id = 7"], ["SELECT name FROM product_view WHERE price = 3"],
    ["SELECT id FROM events_2024 WHERE at = '2024-07-01'"], ["SELECT id FROM products WHERE name = $1 AND price > $2"],
    ["WITH vault AS (SELECT 1 AS x) SELECT p.id FROM products p, vault WHERE p.name = 'P5'"],
    ["WITH cellar AS (SELECT 1 AS x) SELECT p.id FROM products p, cellar WHERE p.name = 'P5'"],
    ["WITH orders AS (SELECT 1 AS x) SELECT p.id FROM products p, orders WHERE p.name = 'P5'"],
    ["SELECT id FROM products WHERE name = 'P5'", "SELECT id FROM customers WHERE name = 'a'"],
    ["SELECT id FROM customers WHERE email = 'a'"], ["SELECT alpha_id FROM customers"], ["SELECT id FROM orders"],
    ["SELECT p.id FROM products p WHERE EXISTS (SELECT FROM orders o WHERE o.product_id = p.id)"],
    ["SELECT name FROM vault WHERE name = 'a'"], ["SELECT name FROM cellar"], ["SELECT amount FROM hr.alpha_wages"],
    ["SELECT id FROM events WHERE at = '2024-07-01'"], ["SELECT id FROM events_2025"],
    ["SELECT words FROM notes WHERE words = 'a'"], ["SELECT email FROM mails WHERE id = 3"],
    ["SELECT name FROM mixed_view WHERE name = 'P1'"], ["DELETE FROM products WHERE id = 1"],
    ["INSERT INTO orders SELECT id FROM products"], ["SELECT mail(id) FROM products"], ["SELECT quiet(4)"],
    ["SELECT most_common_vals FROM pg_stats"], ["SELECT query FROM pg_stat_statements"],
    ["SELECT pg_relation_size('orders')"], ["SELECT 1; SELECT email FROM customers"], ["EXPLAIN SELECT 1"],
    ["ANALYZE SELECT email FROM customers"], ["(VERBOSE) SELECT email FROM customers"],
    ["CREATE INDEX ON orders (note)"],
    ["SELECT id FROM products TABLESAMPLE system (10)"], ["SELECT 'x'::vault"],
    ["SELECT (p).name::customers FROM products p"],
  ]

  private func expectAlike(
    _ twins: AdviceTwins, _ tool: String, _ arguments: JSONObject, place: SourceLocation = #_sourceLocation
  ) async throws -> ToolResult {
    let results = [try await twins.call(0, tool, arguments), try await twins.call(1, tool, arguments)]
    let shown = [twins.plain(0, results[0]), twins.plain(1, results[1])]
    let sent = JSONValue.object(arguments).text()
    #expect(shown[0] == shown[1], "\(tool) \(sent)", sourceLocation: place)
    for (number, result) in results.enumerated() {
      let all = "\(result.content) \(result.structured ?? [:])"
      for word in AdviceTwins.secrets + AdviceTwins.vaults where !sent.contains(word) {
        #expect(!all.contains(word), "\(tool) \(sent) shows \(word) of \(number)", sourceLocation: place)
      }
    }
    return results[0]
  }

  @Test func imaginedIndexesTellNothing() async throws {
    try await AdviceTwins.with { twins in
      guard twins.hasHypoPG else { return }
      var answered = 0
      for index in Self.imagined {
        for sql in ["SELECT id FROM products WHERE name = 'P5'", "SELECT id FROM products, vault"] {
          let result = try await expectAlike(
            twins, "explain_query", ["sql": .string(sql), "hypothetical_indexes": [index], "verbose": true])
          if !result.isError { answered += 1 }
        }
      }
      #expect(answered == 8)
      let used = try await twins.call(
        0, "explain_query",
        [
          "sql": "SELECT id FROM products WHERE name = 'P5'",
          "hypothetical_indexes": ["CREATE INDEX ON products (name)"],
        ])
      #expect(used.structured?["plan"]?["used_hypothetical"]?.array?.count == 1, "\(used.text)")
      let refused = try await twins.call(
        0, "explain_query",
        ["sql": "SELECT id FROM products", "hypothetical_indexes": ["CREATE INDEX ON orders (owner)"]])
      #expect(refused.text.contains("policy-plan") && refused.text.contains("Way out"), "\(refused.text)")
    }
  }

  @Test func adviceOnQueriesTellsNothing() async throws {
    try await AdviceTwins.with { twins in
      guard twins.hasHypoPG else { return }
      var answered = 0
      for queries in Self.asked {
        for bound: JSONObject in [[:], ["max_index_size_mb": 1]] {
          var arguments: JSONObject = ["queries": queries, "time_limit_seconds": 20]
          for entry in bound.entries { arguments[entry.key] = entry.value }
          let result = try await expectAlike(twins, "analyze_query_indexes", arguments)
          if !result.isError { answered += 1 }
        }
      }
      #expect(answered == 22)
    }
  }

  /// A plan would show what a row policy of the database's own reads.
  @Test func plansShowNothingThatRowPoliciesRead() async throws {
    try await AdviceTwins.with { twins in
      for sql in ["SELECT id FROM notes", "SELECT id FROM mails", "SELECT id FROM events_2025"] {
        let result = try await expectAlike(twins, "explain_query", ["sql": .string(sql)])
        let rule = sql.contains("mails") ? "policy-view" : "policy-plan"
        #expect(result.isError && result.text.contains(rule), "\(result.text)")
      }
    }
  }

  @Test func whatIsFreeGetsTheSameAdvice() async throws {
    try await AdviceTwins.with { twins in
      guard twins.hasHypoPG else { return }
      for queries in Self.asked.prefix(5) {
        let arguments: JSONObject = ["queries": queries, "time_limit_seconds": 20]
        let (policed, free) = (
          try await twins.call(0, "analyze_query_indexes", arguments),
          try await twins.call(0, "analyze_query_indexes", arguments, as: twins.unruled)
        )
        #expect(!policed.isError && twins.plain(0, policed) == twins.plain(0, free), "\(queries)")
      }
      let arguments: JSONObject = ["queries": ["SELECT * FROM app.stock WHERE place = 'place 3'"]]
      let advice = try await twins.call(0, "analyze_query_indexes", arguments)
      let dropped = advice.structured?["report"]?["droppable_indexes"]?.text() ?? ""
      #expect(dropped.contains("stock_place_too"), "\(dropped)")
      let names = try await twins.call(
        0, "analyze_query_indexes", ["queries": ["SELECT id FROM products WHERE name = 'P5'"]])
      #expect(names.structured?["report"]?["recommendations"]?[0]?["name"] == "products_name_idx")
      // Without the policy a name in WITH finds out what the index of a table is called.
      let probe: JSONObject = [
        "queries": ["WITH vault AS (SELECT 1 AS x) SELECT id FROM products, vault WHERE name = 'P5'"]
      ]
      for (caller, name) in [(twins.unruled, "products_name_idx1"), (twins.caller, "products_name_idx")] {
        let told = try await twins.call(0, "analyze_query_indexes", probe, as: caller)
        #expect(told.structured?["report"]?["recommendations"]?[0]?["name"] == .string(name))
      }
    }
  }

  /// What goes on as a job is for whoever is still under the same policy.
  @Test func aJobIsForThePolicyThatItBeganUnder() async throws {
    try await AdviceTwins.with { twins in
      guard twins.hasHypoPG else { return }
      let begun = try await twins.call(
        0, "analyze_query_indexes", ["queries": ["SELECT id FROM products WHERE name = 'P5'"], "wait_seconds": 0])
      guard let id = begun.structured?["job"]?["id"] else { return }
      let answer = try await twins.call(0, "job_status", ["job_id": id, "wait_seconds": 20])
      #expect(!answer.isError && answer.structured?["report"] != nil, "\(answer.text)")
      let own = twins.caller
      let other = Caller(
        own.principal, permissions: own.permissions,
        policies: EffectivePolicy([AdviceTwins.policy], for: own.principal).map { ["twin": $0] } ?? [:])
      #expect(try await twins.call(0, "job_status", ["job_id": id], as: other).isError)
    }
  }

  /// Names mean in plans and advice what they mean to the gate.
  @Test func theConnectionsSearchPathHolds() async throws {
    let schema = """
      CREATE SCHEMA app; CREATE TABLE app.t (a integer); CREATE TABLE public.t (a integer, hidden integer);
      INSERT INTO public.t SELECT g, g FROM generate_series(1, 5000) AS g; ANALYZE;
      """
    try await withDatabase(schema: schema) { url in
      var policy = Policy()
      policy.denyTables = ["public.t"]
      let principal = Principal(name: "bot")
      let policies = EffectivePolicy([policy], for: principal).map { ["main": $0] } ?? [:]
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.limits.bounds.searchPath = ["app"]
      let service = ProductService(governor: Governor([connection], audit: nil))
      let context = CallContext(
        caller: Caller(principal, permissions: ["main": [.explain]], policies: policies), callID: "c",
        protocolVersion: "2026-07-28")
      for sql in ["SELECT a FROM t", "SELECT hidden FROM t"] {
        guard case .finished(let plan) = await service.call("explain_query", ["sql": .string(sql)], in: context) else {
          Issue.record("it is not there")
          return
        }
        #expect(plan.isError == sql.contains("hidden") && !plan.text.contains("5,000"), "\(plan.text)")
      }
    }
  }
}

extension AdviceTwins {
  /// Nothing is hidden from this one.
  var unruled: Caller { Caller(Principal(name: "all"), permissions: ["twin": [.explain, .read, .write]]) }
}
