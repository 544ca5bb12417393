// The catalog, plans, advice and quotas for a caller with a policy.

import Database
import JSON
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct PolicyBrowsingTests {
  /// Everything that can be asked of the catalog, as one text.
  private func everything(_ governor: Governor, _ call: GovernedCall) async throws -> String {
    var found: [JSONValue] = []
    found.append(try await governor.schemas(includesSystem: true, for: call))
    for kind in Browse.kinds {
      for schema in ["app", "hr", nil] {
        found.append(
          try await governor.objects(in: schema, kind: kind, filter: nil, after: nil, limit: 1_000, for: call))
      }
    }
    for (schema, name) in [
      ("app", "customers"), ("app", "orders"), ("app", "events"), ("app", "events_2024"), ("app", "child"),
      ("app", "parent"), ("app", "customer_view"), ("app", "customer_copy"), ("hr", "salaries"), ("app", "products"),
    ] {
      for kind in ["table", "index", "sequence", "type", "function"] {
        found.append(try await governor.object(name, kind: kind, in: schema, for: call))
      }
      // What is known of a table that nobody rules says when it was analyzed.
      if name != "products" { found.append(try await governor.statistics(of: name, in: schema, for: call)) }
      found.append(try await governor.foreignKeys(of: name, in: schema, for: call))
      found.append(try await governor.impliedKeys(of: name, in: schema, for: call))
    }
    found.append(try await governor.identity(for: call).without(["database", "user", "started"]))
    found.append(.string("\(try await governor.relationNames(for: call))"))
    found.append(.string("\(try await governor.functionNames(for: call))"))
    return found.map { $0.text() }.joined(separator: "\n")
  }

  @Test func theCatalogTellsNothing() async throws {
    try await PolicyTwins.with { twins in
      let first = try await everything(twins.governors[0], twins.call("describe_table"))
      let second = try await everything(twins.governors[1], twins.call("describe_table"))
      #expect(first == second)
      for word in ["ssn", "salaries", "\"pin\"", "alpha", "coalesce", "\"hr\""] {
        #expect(!first.contains(word), "\(word)")
      }
      #expect(first.contains("\"mask\":\"email\"") && first.contains("products"))
    }
  }

  @Test func nobodyIsLentASession() async throws {
    try await PolicyTwins.with { twins in
      await #expect(throws: GovernedFailure.self) {
        try await twins.governors[0].lend(for: twins.call(), needing: .explain, ours: true) { _ in }
      }
      let verdict = try await twins.governors[0].judge("EXPLAIN SELECT * FROM customers", for: twins.call())
      #expect(verdict.rule == "policy-plan")
      let free = try await twins.governors[0].judge("EXPLAIN SELECT * FROM products", for: twins.call())
      #expect(!free.isRejected)
    }
  }

  @Test func quotasHold() async throws {
    var policy = Policy()
    policy.limits.perHour = 3
    policy.limits.rows = 2
    try await PolicyTwins.with(policy) { twins in
      for turn in 0..<5 {
        let answer = await twins.answer(of: 0, to: "SELECT id FROM products ORDER BY id")
        if turn < 3 {
          #expect(answer.contains("[[Optional(\"1\")], [Optional(\"2\")]]") && answer.hasSuffix("true"), "\(answer)")
        } else {
          #expect(answer.contains("max_queries_per_hour"), "\(answer)")
        }
      }
    }
  }

  /// Limits alone hide nothing: plans and everything else go on as without.
  @Test func limitsAloneHideNothing() async throws {
    var policy = Policy()
    policy.limits.rows = 2
    try await PolicyTwins.with(policy) { twins in
      let answer = await twins.answer(of: 0, to: "SELECT count(*) FROM pg_class WHERE relname = 'customers'")
      #expect(answer.contains("Optional(\"1\")"), "\(answer)")
      try await twins.governors[0].lend(for: twins.call(), needing: .explain, ours: true) { _ in }
    }
  }

  @Test func anAllowListIsAll() async throws {
    var policy = Policy()
    policy.allowTables = ["products", "app.orders"]
    try await PolicyTwins.with(policy) { twins in
      #expect(await twins.answer(of: 0, to: "SELECT count(*) FROM products").contains("10"))
      #expect(await twins.answer(of: 0, to: "SELECT count(*) FROM orders").contains("60"))
      for name in ["customers", "product_view", "events_2024", "hr.salaries", "pg_class"] {
        #expect(await twins.answer(of: 0, to: "SELECT 1 FROM \(name)").hasPrefix("refused policy-relation"), "\(name)")
      }
    }
  }
}
