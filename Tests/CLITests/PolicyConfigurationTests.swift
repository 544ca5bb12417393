// Policies in a configuration file: what they become, whom they reach, and what is wrong with them.

import Governance
import Testing

@testable import CLI

@Suite struct PolicyConfigurationTests {
  /// As pgmcp documents it.
  private let pgmcp = """
    policy:
      allow_tables:
        - orders
        - products
        - categories
        - customers
      deny_tables:
        - users
        - payments
      tables:
        customers:
          allow_columns: [id, name, city, created_at]
          mask_columns:
            email: "****@****.com"
          deny_columns: [ssn, tax_id]
        orders:
          row_filter: "created_at > NOW() - INTERVAL '90 days'"
      max_queries_per_hour: 100
      max_rows_per_query: 50
    """

  @Test func thePolicyOfPgmcpLoadsAsItStands() async throws {
    let outcome = try await loaded(goodFile(pgmcp))
    let configuration = try #require(outcome.configuration, "\(outcome.problems)")
    let caller = try #require(configuration.directory.caller(agent: "bot"))
    let policy = try #require(caller.policies["main"])
    #expect(policy.limits.rows == 50 && policy.limits.perHour == 100 && policy.hides)
    #expect(policy.layers.count == 1)
    let layer = policy.layers[0]
    #expect(layer.allowTables == ["orders", "products", "categories", "customers"])
    #expect(layer.denyTables == ["users", "payments"])
    #expect(layer.tables["customers"]?.masks == ["email": .constant("****@****.com")])
    #expect(layer.tables["customers"]?.denyColumns == ["ssn", "tax_id"])
    #expect(layer.tables["orders"]?.rowFilter == "created_at > NOW() - INTERVAL '90 days'")
  }

  @Test func whomAPolicyReaches() async throws {
    let text = """
      connections: [{name: main, url: "postgresql://h.invalid/d"}, {name: other, url: "postgresql://h.invalid/e"}]
      users: [{name: alice}]
      groups: [{name: staff, members: [alice]}]
      agents:
        - {id: bot}
        - {id: helper, on_behalf_of: alice}
      iam:
        - {connection: "*", permissions: [read], members: ["agent:bot", "group:staff"]}
      policies:
        - {connection: main, deny_tables: [a]}
        - {members: ["group:staff"], deny_tables: [b]}
        - {connection: other, members: ["agent:helper"], deny_tables: [c]}
      server: {local_agent: bot}
      """
    let outcome = try await loaded(text)
    let configuration = try #require(outcome.configuration, "\(outcome.problems)")
    func denied(_ agent: String, _ connection: String) -> [Set<String>] {
      configuration.directory.caller(agent: agent)?.policies[connection]?.layers.map(\.denyTables) ?? []
    }
    #expect(denied("bot", "main") == [["a"]] && denied("bot", "other").isEmpty)
    #expect(denied("helper", "main") == [["a"], ["b"]] && denied("helper", "other") == [["b"], ["c"]])
  }

  @Test func masksAreRead() async throws {
    let more = """
      policy:
        hash_key: not for everybody
        tables:
          app.people:
            mask: {a: full, b: null, c: "constant(x, y)", d: "partial(2, 4)", e: email, f: hash, g: year, h: month,
              i: network(16), j: round(1_000), k: "sql(upper(left(k, 1)))"}
      """
    let outcome = try await loaded(goodFile(more))
    let configuration = try #require(outcome.configuration, "\(outcome.problems)")
    let masks = configuration.directory.caller(agent: "bot")?.policies["main"]?.layers[0].tables["app.people"]?.masks
    #expect(
      masks == [
        "a": .full, "b": .null, "c": .constant("x, y"), "d": .partial(first: 2, last: 4), "e": .email, "f": .hash,
        "g": .year, "h": .month, "i": .network(bits: 16, bits6: 48), "j": .round(1_000),
        "k": .expression("upper(left(k, 1))"),
      ])
  }

  /// What is wrong stops the start, with place and way out.
  @Test(arguments: [
    ("policy:\n  deny_table: [a]", "Did you mean deny_tables?"),
    ("policy:\n  tables:\n    t:\n      mask_column: {a: x}", "Did you mean mask_columns?"),
    ("policy:\n  tables:\n    t:\n      mask: {a: emial}", "Did you mean email?"),
    ("policy:\n  tables:\n    t:\n      mask: {a: \"partial(1)\"}", "partial(0, 4)"),
    ("policy:\n  tables:\n    t:\n      mask: {a: \"sql((SELECT 1))\"}", "without queries"),
    ("policy:\n  tables:\n    t:\n      mask: {a: \"sql(a, b\"}", "brackets"),
    ("policy:\n  tables:\n    t:\n      mask: {a: \"sql(a) , (b)\"}", "does not parse"),
    ("policy:\n  tables:\n    t:\n      mask: {a: hash}", "Set hash_key"),
    ("policy:\n  tables:\n    t:\n      row_filter: \"owner = \"", "does not parse"),
    ("policy:\n  tables:\n    t:\n      row_filter: \"true) OR (true\"", "row_filter"),
    ("policy:\n  tables:\n    t:\n      row_filter: \"true; DROP TABLE t\"", "row_filter"),
    ("policy:\n  tables:\n    t:\n      deny_columns: [a]\n      mask: {a: full}", "Take one of the two away"),
    ("policy:\n  tables:\n    db.s.t:\n      deny_columns: [a]", "TABLE, SCHEMA.TABLE"),
    ("policy:\n  max_costs: 5", "Did you mean max_cost?"),
    ("policy:\n  quantum: 5", "is no key of policy"),
    ("policies:\n  - members: [\"agent:nobody\"]\n    deny_tables: [a]", "there is no agent nobody"),
    ("policies:\n  - connection: man\n    deny_tables: [a]", "main"),
  ])
  func whatIsWrong(_ more: String, _ words: String) async throws {
    let outcome = try await loaded(goodFile(more))
    #expect(outcome.configuration == nil)
    let lines = outcome.problems.map { $0.line(in: "f") }
    #expect(lines.contains { $0.contains(words) && $0.hasPrefix("f:") }, "\(lines)")
  }
}
