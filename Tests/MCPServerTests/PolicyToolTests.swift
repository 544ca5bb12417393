// Every tool for a caller from whom a policy hides something: what answers shows nothing of it, the rest is refused.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer) struct PolicyToolTests {
  private static let schema = """
    CREATE SCHEMA hr;
    CREATE TABLE hr.salaries (id integer PRIMARY KEY, amount integer);
    CREATE TABLE public.customers (id integer PRIMARY KEY, name text, email text, tax_id text DEFAULT 'hidden-default');
    CREATE TABLE public.orders (id integer PRIMARY KEY, customer_id integer REFERENCES public.customers, owner text);
    CREATE TABLE public.products (id integer PRIMARY KEY, name text);
    CREATE INDEX by_email ON public.customers (email) WHERE email <> 'hidden-predicate';
    INSERT INTO public.customers SELECT g, 'n' || g, 'hidden' || g || '@example.com', 'hidden' || g
      FROM generate_series(1, 20) AS g;
    INSERT INTO public.orders SELECT g, g, CASE WHEN g % 2 = 0 THEN 'bot' ELSE 'hidden' END
      FROM generate_series(1, 20) AS g;
    INSERT INTO public.products SELECT g, 'p' || g FROM generate_series(1, 20) AS g;
    ANALYZE;
    """

  private static var policy: Policy {
    var policy = Policy()
    policy.denySchemas = ["hr"]
    var customers = TableRule()
    customers.denyColumns = ["tax_id"]
    customers.masks = ["email": .partial(first: 0, last: 4)]
    policy.tables["customers"] = customers
    var orders = TableRule()
    orders.rowFilter = "owner = :agent"
    policy.tables["orders"] = orders
    return policy
  }

  private func withTools(
    _ schema: String = Self.schema, _ policy: Policy = Self.policy, path: [String]? = nil,
    _ body: (_ call: (String, JSONObject) async throws -> ToolResult, ProductService, Caller) async throws -> Void
  ) async throws {
    try await withDatabase(schema: schema) { url in
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.limits.bounds.searchPath = path
      let service = ProductService(governor: Governor([connection], audit: nil), version: "9.9")
      let principal = Principal(name: "bot")
      let policies = EffectivePolicy([policy], for: principal).map { ["main": $0] } ?? [:]
      let caller = Caller(principal, permissions: ["main": Set(Permission.allCases)], policies: policies)
      try await body(
        { tool, arguments in
          let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
          guard case .finished(let result) = await service.call(tool, arguments, in: context) else {
            throw CommandFailure(description: "\(tool) is not there")
          }
          return result
        }, service, caller)
    }
  }

  @Test func noToolShowsWhatIsHidden() async throws {
    try await withTools { call, _, _ in
      let calls: [(String, JSONObject, isRefused: Bool)] = [
        ("query", ["sql": "SELECT * FROM customers JOIN orders ON customer_id = customers.id ORDER BY 1"], false),
        ("query", ["sql": "SELECT tax_ids FROM customers"], true), ("query", ["sql": "SELECT * FROM hr.salary"], true),
        ("query", ["sql": "SELECT email::integer FROM customers"], true),
        ("query", ["sql": "EXPLAIN SELECT * FROM customers"], true),
        ("explain_query", ["sql": "SELECT * FROM customers WHERE email = 'a'"], true),
        ("explain_query", ["sql": "SELECT * FROM orders", "analyze": true], true),
        ("explain_query", ["sql": "SELECT * FROM products"], false),
        ("explain_query", ["sql": "SELECT * FROM products", "analyze": true], false),
        (
          "explain_query",
          ["sql": "SELECT * FROM products", "hypothetical_indexes": ["CREATE INDEX ON hr.salaries (amount)"]], true
        ),
        ("list_schemas", [:], false), ("list_objects", [:], false), ("list_objects", ["kind": "index"], false),
        ("list_tables", [:], false), ("describe_table", ["table": "customers", "statistics": true], false),
        ("describe_table", ["table": "orders", "statistics": true], false),
        ("describe_table", ["table": "products", "statistics": true], false),
        ("describe_table", ["table": "salaries", "schema": "hr"], true),
        ("describe_table", ["table": "salarys", "schema": "hr"], true),
        ("get_object_details", ["name": "by_email", "kind": "index"], true),
        ("get_foreign_keys", ["table": "orders"], false), ("find_relationships", ["table": "products"], false),
        ("analyze_db_health", [:], false),
        ("analyze_query_indexes", ["queries": ["SELECT * FROM orders WHERE owner = 'x'"]], true),
        ("write_data", ["sql": "UPDATE customers SET name = email RETURNING *"], true),
        ("write_data", ["sql": "UPDATE products SET name = 'q' WHERE id = 1 RETURNING name"], false),
        ("run_ddl", ["sql": "CREATE VIEW v AS SELECT tax_id FROM customers"], true),
        ("run_admin", ["sql": "ANALYZE customers"], true), ("execute_sql", ["sql": "TABLE hr.salaries"], true),
        ("db_identity", [:], false), ("server_info", [:], false), ("list_connections", [:], false),
      ]
      for (tool, arguments, isRefused) in calls {
        let result = try await call(tool, arguments)
        let shown = "\(result)"
        let asked = JSONValue.object(arguments).text()
        #expect(result.isError == isRefused, "\(tool) \(asked): \(shown.prefix(600))")
        for word in ["hidden", "tax_id", "salaries", "amount"] where !asked.contains(word) {
          #expect(!shown.contains(word), "\(tool) \(asked): \(shown.prefix(2_000))")
        }
      }
    }
  }

  @Test func completionsAndResourcesToo() async throws {
    try await withTools { _, service, caller in
      let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
      for uri in [
        "pg://main/schema/public", "pg://main/schema/hr", "pg://main/table/public/customers",
        "pg://main/table/hr/salaries",
        "pg://main/column/public/customers/email", "pg://main/column/public/customers/tax_id", "pg://main/health",
        "pg://main/advice",
      ] {
        let shown = (await service.read(uri, in: context) ?? []).map { "\($0.body)" }.joined()
        for word in ["hidden", "tax_id", "salaries"] { #expect(!shown.contains(word), "\(uri): \(shown)") }
      }
      #expect(await service.resources(for: caller).contains { $0.uri == "pg://main/health" })
    }
  }

  /// What is planned is what was judged; and a table is described whatever operators there are beside PostgreSQL's own,
  /// without what names a hidden schema.
  @Test func namesMeanTheSameEverywhere() async throws {
    var policy = Policy()
    policy.denySchemas = ["hr"]
    policy.denyTables = ["public.things"]
    let schema = """
      CREATE SCHEMA app; CREATE SCHEMA hr; CREATE EXTENSION intarray SCHEMA app;
      CREATE FUNCTION hr.grade() RETURNS text LANGUAGE sql AS 'SELECT 1';
      CREATE TABLE app.things (id integer PRIMARY KEY, grade text DEFAULT hr.grade(), CHECK (grade <> hr.grade()));
      CREATE TABLE public.things (id integer, secret text);
      INSERT INTO public.things SELECT g, 'hidden' FROM generate_series(1, 5000) g; ANALYZE;
      """
    try await withTools(schema, policy, path: ["app", "hr", "public"]) { call, _, _ in
      let plan =
        "\(try await call("explain_query", ["sql": "SELECT * FROM things", "verbose": true, "format": "json"]))"
      #expect(plan.contains("app") && !plan.contains("public") && !plan.contains("5000"), "\(plan)")
      let described = try await call("describe_table", ["schema": "app", "table": "things"])
      #expect(described.isError == false && !"\(described)".contains("hr."), "\(described)")
      let identity = "\(try await call("db_identity", [:]))"
      #expect(!identity.contains("hr\\\"") && !identity.contains("\"hr\""), "\(identity)")
    }
  }
}
