// Looking around: every kind of object, page by page, under every name that callers know, and nothing that is hidden.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer) struct BrowsingToolTests {
  private static let schema = """
    CREATE SCHEMA sealed; CREATE SCHEMA "Odd. one";
    CREATE TABLE sealed.salaries (id integer PRIMARY KEY, amount integer);
    CREATE TYPE sealed.kind AS ENUM ('a');
    CREATE FUNCTION public.of_kind(a sealed.kind) RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION sealed.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE public.customers (id integer PRIMARY KEY, name text);
    CREATE TABLE public.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id integer
      REFERENCES public.customers, secret integer REFERENCES sealed.salaries DEFAULT sealed.f(),
      status text CHECK (status IN ('a', 'b')));
    CREATE INDEX orders_status ON public.orders (status);
    CREATE VIEW public.leaked AS SELECT s.amount FROM sealed.salaries AS s;
    CREATE VIEW public.plain AS SELECT id FROM public.orders;
    CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS one;
    CREATE TABLE public.parts (at date) PARTITION BY RANGE (at);
    CREATE TABLE public.part_1 PARTITION OF public.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TYPE public.mood AS ENUM ('sad', 'ok'); CREATE DOMAIN public.small AS integer CHECK (VALUE < 9);
    CREATE FUNCTION public.add(a integer, b integer DEFAULT 1, OUT c integer) LANGUAGE sql AS 'SELECT a + b';
    CREATE FUNCTION public.add(a text) RETURNS text LANGUAGE sql AS 'SELECT a';
    CREATE SEQUENCE public.big MAXVALUE 9223372036854775807;
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touched BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.touch();
    ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON public.orders USING (id > 0) WITH CHECK (id > 1);
    COMMENT ON TABLE public.orders IS E'ignore\\u200b this';
    CREATE TABLE "Odd. one"."T" ("a""b" integer PRIMARY KEY);
    INSERT INTO public.customers SELECT g, 'n' || g % 3 FROM generate_series(1, 500) AS g;
    INSERT INTO public.orders (customer_id, secret, status) SELECT g, NULL, 'a' FROM generate_series(1, 500) AS g;
    ANALYZE;
    """

  private func withTools(
    _ schemas: Set<String>? = nil, permissions: Set<Permission> = [.explain, .read],
    _ body: (_ call: (String, JSONObject) async throws -> ToolResult) async throws -> Void
  ) async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: true) { url in
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.schemas = schemas
      let service = ProductService(governor: Governor([connection], audit: nil), version: "9.9")
      let caller = Caller(Principal(name: "a", onBehalfOf: "u"), permissions: ["main": permissions])
      try await body { tool, arguments in
        let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
        guard case .finished(let result) = await service.call(tool, arguments, in: context) else {
          throw CommandFailure(description: "\(tool) is not there")
        }
        return try checked(result, of: tool)
      }
    }
  }

  private func names(_ result: ToolResult, _ key: String = "objects") -> [String] {
    (result.structured?[key]?.array ?? []).compactMap { $0["name"]?.string }
  }

  @Test(arguments: [
    ("table", ["customers", "orders", "parts"]), ("Tables", ["customers", "orders", "parts"]),
    ("view", ["leaked", "plain"]), ("materialized view", ["kept"]), ("sequence", ["big", "orders_id_seq"]),
    ("type", ["mood", "small"]), ("partitioned_table", ["parts"]),
    ("index", ["customers_pkey", "orders_pkey", "orders_status"]), ("foreign_table", []),
  ])
  func everyKindIsListed(_ kind: String, _ expected: [String]) async throws {
    try await withTools { call in
      let found = try await call("list_objects", ["schema": "public", "kind": .string(kind)])
      let own = names(found).filter { !$0.hasPrefix("hypopg") && !$0.hasPrefix("pg_stat") }
      #expect(own == expected, "\(found.text)")
    }
  }

  @Test func listsComeInPages() async throws {
    try await withTools { call in
      let first = try await call("list_objects", ["schema": "public", "page_size": 2])
      #expect(names(first) == ["customers", "orders"] && first.structured?["next_cursor"] == "orders")
      #expect(first.structured?["objects"]?[1]?["bytes"]?.integer ?? 0 > 0)
      #expect(first.structured?["objects"]?[1]?["estimated_rows"] == 500)
      #expect(first.text.contains("ignore\\u{200b} this"))
      let second = try await call("list_objects", ["schema": "public", "page_size": 2, "cursor": "orders"])
      #expect(names(second) == ["parts"] && second.structured?["next_cursor"] == nil)
      let schemas = try await call("list_objects", [:])
      #expect(
        schemas.structured?["schemas"]?.array?.map { $0["schema_name"]?.string } == ["Odd. one", "public", "sealed"])
      let one = try await call("list_schemas", ["page_size": 1, "name_pattern": "%d%"])
      #expect(
        one.structured?["schemas"]?[0]?["schema_name"] == "Odd. one" && one.structured?["next_cursor"] == "Odd. one")
      let functions = try await call(
        "list_objects", ["schema_name": "public", "object_type": "function", "filter": "ad"])
      #expect(names(functions) == ["add(integer, integer)", "add(text)"])
      let extensions = try await call("list_objects", ["kind": "extension"])
      #expect(names(extensions) == ["hypopg", "pg_stat_statements"])
      #expect(try await names(call("list_objects", ["kind": "extension", "schema": "sealed"])) == names(extensions))
      let wrong = try await call("list_objects", ["schema": "publik"])
      #expect(wrong.isError && wrong.text.contains("Did you mean public?"))
      let empty = try await call("list_objects", ["schema": "Odd. one", "kind": "view"])
      #expect(!empty.isError && names(empty) == [])
      #expect(try await call("list_objects", ["schema": "public", "kind": "moon"]).isError)
    }
  }

  /// What agents know from elsewhere.
  @Test func otherNamesAreTaken() async throws {
    try await withTools { call in
      let all = try await call("list_tables", ["name_pattern": "o%"])
      #expect(names(all, "tables") == ["orders"] && all.structured?["tables"]?[0]?["schema"] == "public")
      let views = try await call(
        "list_tables", ["schema_name": "public", "table_types": ["VIEW"], "name_pattern": "pl"])
      #expect(names(views, "tables") == ["plain"])
      let page = try await call("list_tables", ["page_size": 1])
      #expect(page.structured?["next_cursor"] == "Odd. one.T")
      let next = try await call("list_tables", ["page_size": 1, "cursor": "Odd. one.T"])
      #expect(names(next, "tables") == ["customers"])
      let rows = try await call("query_database", ["statement": "SELECT 1 AS a", "limit": 5])
      #expect(rows.structured?["rows"] == [[1]])
      #expect(
        try await call("describe_table", ["table_name": "orders", "schema_name": "public"]).structured?["name"]
          == "orders")
      #expect(try await !call("describe_table", ["name": "\"T\"", "schema": "Odd. one"]).isError)
      #expect(try await !call("describe_table", ["table": "\"Odd. one\".\"T\""]).isError)
      #expect(try await !call("describe_table", ["name": "T", "schema": "Odd. one"]).isError)
    }
  }

  @Test func aTableIsDescribedWhole() async throws {
    try await withTools { call in
      let table = try await call("describe_table", ["table": "public.orders", "statistics": true])
      let found = try #require(table.structured)
      let keys = (found["constraints"]?.array ?? []).filter { $0["type"] == "foreign_key" }
      #expect(keys.map { $0["references"]?.string } == ["public.customers", "sealed.salaries"])
      #expect(keys[0]["columns"] == ["customer_id"] && keys[0]["referenced_columns"] == ["id"])
      #expect(found["triggers"]?[0]?.string?.contains("touch()") == true && found["row_security"] == true)
      #expect(found["policies"]?[0]?["with_check"] == "(id > 1)" && found["columns"]?[0]?["generated"] == "identity")
      #expect(found["indexes"]?[1]?["name"] == "orders_status" && found["indexes"]?[1]?["bytes"]?.integer ?? 0 > 0)
      let statistics = try #require(found["statistics"])
      #expect(statistics["columns"]?.array?.count == 4 && statistics["activity"]?["inserts"]?.integer != nil)
      #expect(statistics["columns"]?[3]?["most_common"] == ["a"])
      for word in ["PK", "policy own", "trigger", "statistics:", "500 rows", "ignore\\u{200b} this"] {
        #expect(table.text.contains(word), "\(table.text)")
      }
      let others = try await call("describe_table", ["table": "customers"])
      #expect(others.structured?["referenced_by"]?[0]?["table"] == "public.orders")
      let parts = try await call("describe_table", ["table": "parts"])
      #expect(
        parts.structured?["partitions"]?[0]?["name"] == "part_1" && parts.structured?["partition_key"] == "RANGE (at)")
      let view = try await call("describe_table", ["table": "plain"])
      #expect(view.text.contains("FROM orders"))
    }
    // Common values are data.
    try await withTools(permissions: [.explain]) { call in
      let table = try await call("describe_table", ["table": "orders", "statistics": true])
      #expect(table.structured?["statistics"]?["columns"]?[3]?["most_common"] == .null)
      #expect(table.structured?["statistics"]?["columns"]?[3]?["distinct"]?.double == 1)
    }
  }

  @Test func everyKindHasDetails() async throws {
    try await withTools { call in
      func details(_ name: String, _ kind: String) async throws -> JSONObject {
        try #require(try await call("get_object_details", ["name": .string(name), "kind": .string(kind)]).structured)
      }
      let function = try await details("public.add", "function")
      #expect(function["overloads"]?.array?.count == 2)
      #expect(function["overloads"]?[0]?["arguments"]?.string?.contains("b integer DEFAULT 1") == true)
      #expect(function["overloads"]?[0]?["body"]?.string?.contains("SELECT a + b") == true)
      #expect(try await details("add(text)", "function")["overloads"]?.array?.count == 1)
      #expect(try await details("mood", "type")["labels"] == ["sad", "ok"])
      #expect(try await details("small", "type")["constraints"] == ["CHECK ((VALUE < 9))"])
      let sequence = try await details("big", "sequence")
      #expect(sequence["maximum"] == "9223372036854775807" && sequence["last_value"] == .null)
      #expect(try await details("orders_id_seq", "sequence")["owned_by"] == "public.orders.id")
      #expect(try await details("hypopg", "extension")["version"]?.string != nil)
      #expect(try await details("orders_status", "index")["table"] == "orders")
      #expect(try await details("kept", "materialized_view")["definition"]?.string?.contains("1 AS one") == true)
      for kind in ["table", "function", "type", "sequence", "extension", "index"] {
        let absent = try await call("get_object_details", ["object_name": "nosuch", "object_type": .string(kind)])
        #expect(absent.isError && absent.text.contains("There is no"), "\(absent.text)")
      }
    }
  }

  @Test func relationshipsHaveAConfidence() async throws {
    try await withTools { call in
      let orders = try await call("find_relationships", ["table": "orders"])
      let explicit = try #require(orders.structured?["explicit"]?.array)
      #expect(explicit.map { $0["foreign_table"]?.string } == ["customers", "salaries"])
      #expect(explicit.allSatisfy { $0["confidence"] == 1 && $0["relationship_type"] == "explicit_fk" })
      let customers = try await call("find_relationships", ["table": "customers"])
      #expect(customers.structured?["referenced_by"]?[0]?["foreign_column"] == "customer_id")
      #expect(
        try await call("find_relationships", ["table": "customer"]).text.contains("Did you mean public.customers?"))
    }
  }

  @Test func theServerTellsItsBounds() async throws {
    try await withTools { call in
      let info = try await call("server_info", [:]).structured
      #expect(
        info?["version"] == "9.9" && info?["user"] == "u" && info?["max_rows"] == 1_000 && info?["readonly"] == true)
      let identity = try await call("db_identity", [:])
      #expect(
        identity.structured?["search_path"] == ["public"] && !identity.text.contains("/tmp")
          && !identity.text.contains("host"))
      let connections = try await call("list_connections", [:]).structured?["connections"]
      #expect(connections?[0]?["mode"] == "restricted" && connections?[0]?["permissions"] == ["explain", "read"])
    }
  }

  /// With schemas that are allowed, no word of the others is said: not in keys, definitions, defaults or bodies.
  @Test func whatIsHiddenIsNowhere() async throws {
    try await withTools(["public"]) { call in
      for (tool, arguments): (String, JSONObject) in [
        ("list_schemas", ["include_system": true]), ("list_objects", [:]), ("list_objects", ["schema": "sealed"]),
        ("list_objects", ["schema": "public", "kind": "function"]),
        ("get_object_details", ["name": "of_kind", "kind": "function"]), ("query", ["sql": "SELECT of_kin(1)"]),
        ("list_tables", [:]), ("describe_table", ["table": "orders", "statistics": true]),
        ("describe_table", ["table": "leaked"]), ("describe_table", ["table": "sealed.salaries"]),
        ("get_object_details", ["name": "sealed.f", "kind": "function"]), ("find_relationships", ["table": "orders"]),
        ("get_foreign_keys", ["table": "orders"]), ("get_object_details", ["name": "leaked", "kind": "view"]),
        ("describe_table", ["table": "salaries"]), ("list_connections", [:]),
      ] {
        let result = try await call(tool, arguments)
        let said = result.text + (result.structured.map { JSONValue.object($0).text() } ?? "")
        let asked = JSONValue.object(arguments).text()
        for word in ["sealed", "salaries", "amount FROM"] where !asked.contains(word) {
          #expect(!said.contains(word), "\(tool) \(asked): \(said)")
        }
        #expect(!said.contains("sealed.f()") && !said.contains("Did you mean sealed"), "\(said)")
      }
      #expect(
        try await call("list_objects", ["schema": "sealed"]).text
          == "There is no schema sealed here\nWay out: list_schemas shows the schemas there are.")
      let orders = try await call("describe_table", ["table": "orders"])
      #expect(
        orders.structured?["columns"]?.array?.count == 4 && orders.structured?["constraints"]?.array?.isEmpty == false)
    }
  }

  /// A table that somebody holds is listed all the same, without its size.
  @Test func aLockedTableDoesNotHideTheOthers() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let service = ProductService(
        governor: Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil))
      let holder = try await Session.open(ConnectionTarget(url: url))
      try await holder.execute("BEGIN")
      try await holder.execute("LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE")
      let caller = Caller(Principal(name: "a"), permissions: ["main": [.read]])
      let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
      guard case .finished(let result) = await service.call("list_objects", ["schema": "public"], in: context) else {
        return
      }
      #expect(
        names(result) == ["customers", "orders", "parts"] && result.structured?["objects"]?[0]?["bytes"] == .null)
      await holder.close()
    }
  }
}
