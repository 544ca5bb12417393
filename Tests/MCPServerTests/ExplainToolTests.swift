// `explain_query`: plans under options, and runs of which nothing is left.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer) struct ExplainToolTests {
  private static let schema = """
    CREATE TABLE public.orders (id serial PRIMARY KEY, customer integer, note text);
    INSERT INTO public.orders (customer, note) SELECT g % 500, 'n' FROM generate_series(1, 20000) AS g;
    CREATE TABLE public.log (id integer);
    CREATE FUNCTION public.record() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_catalog.setval(''public.orders_id_seq'', 7); RETURN NEW; END';
    CREATE TABLE public.watched (id integer);
    CREATE TRIGGER recorded AFTER INSERT ON public.watched FOR EACH ROW EXECUTE FUNCTION public.record();
    CREATE TABLE public.audited (id serial);
    CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO public.log VALUES (NEW.id); RETURN NEW; END';
    CREATE TRIGGER audited AFTER INSERT ON public.audited FOR EACH ROW EXECUTE FUNCTION public.audit();
    CREATE FUNCTION public.lock_it() RETURNS boolean LANGUAGE sql AS 'SELECT pg_catalog.pg_try_advisory_lock(7)';
    CREATE FUNCTION public.stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER stamped BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.stamp();
    ANALYZE;
    """

  private func withTool(
    _ permissions: Set<Permission> = [.explain, .read, .write],
    _ body: (_ call: (JSONObject) async throws -> ToolResult, Session) async throws -> Void
  ) async throws {
    try await withDatabase(schema: Self.schema) { url in
      let service = ProductService(
        governor: Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil))
      let caller = Caller(Principal(name: "a"), permissions: ["main": permissions])
      let session = try await Session.open(ConnectionTarget(url: url))
      try await body(
        { arguments in
          let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
          guard case .finished(let result) = await service.call("explain_query", arguments, in: context) else {
            throw CommandFailure(description: "it is not there")
          }
          return result
        }, session)
      await session.close()
    }
  }

  private func digest(_ session: Session) async throws -> [String] {
    try await session.rows(
      """
      SELECT pg_catalog.concat((SELECT pg_catalog.count(*) FROM public.orders), ' ',
        (SELECT pg_catalog.sum(customer) FROM public.orders), ' ', (SELECT pg_catalog.count(*) FROM public.log))
      """)
  }

  @Test(arguments: [
    ("DELETE FROM orders WHERE customer = 7", "Delete on orders"),
    ("UPDATE orders SET customer = 0", "Update on orders"),
    ("INSERT INTO orders (customer) VALUES (1)", "Insert on orders"),
    ("WITH gone AS (DELETE FROM orders RETURNING id) INSERT INTO log SELECT id FROM gone", "Insert on log"),
    ("MERGE INTO log USING orders AS o ON log.id = o.id WHEN NOT MATCHED THEN INSERT VALUES (o.id)", "Merge on log"),
    ("SELECT * FROM orders FOR UPDATE", "LockRows"),
    ("INSERT INTO audited DEFAULT VALUES", "Insert on audited"),
  ])
  func aRunThatWritesLeavesNothing(_ sql: String, _ node: String) async throws {
    try await withTool { call, session in
      guard session.server.versionNumber >= 150_000 || !sql.hasPrefix("MERGE") else { return }
      let before = try await digest(session)
      let result = try await call(["sql": .string(sql), "analyze": true])
      #expect(!result.isError && result.text.contains(node) && result.text.contains("rolled back"), "\(result.text)")
      #expect(result.structured?["plan"]?["analyzed"] == true)
      #expect(result.structured?["plan"]?["nodes"]?[0]?["actual_rows"]?.double != nil)
      #expect(try await digest(session) == before)
    }
    try await withTool([.explain, .read]) { call, _ in
      let refused = try await call(["sql": .string(sql), "analyze": true])
      #expect(refused.isError && refused.text.contains("needs the permission write"), "\(refused.text)")
    }
  }

  /// What a rollback does not undo is not run.
  @Test(arguments: [
    "SELECT setval('orders_id_seq', 1)", "INSERT INTO watched VALUES (1)", "SELECT pg_advisory_lock(7)",
    "SELECT lock_it()", "DELETE FROM orders WHERE lock_it()",
    "CREATE TABLE made AS SELECT 1", "DELETE FROM orders; DELETE FROM log", "SELECT pg_notify('a', 'b')",
  ])
  func whatOutlivesARollbackIsRefused(_ sql: String) async throws {
    try await withTool { call, session in
      let result = try await call(["sql": .string(sql), "analyze": true])
      #expect(result.isError && result.text.contains("Refused"), "\(result.text)")
      #expect(try await session.rows("SELECT last_value FROM public.orders_id_seq", as: Int.self) == [20_000])
    }
  }

  /// A failure in the middle is a failure, and leaves nothing either.
  @Test func aRunThatFailsLeavesNothing() async throws {
    try await withTool { call, session in
      let before = try await digest(session)
      let result = try await call(["sql": "UPDATE orders SET customer = 1 / (customer - customer)", "analyze": true])
      #expect(result.isError && result.text.contains("22012"))
      #expect(try await digest(session) == before)
      #expect(try await !call(["sql": "SELECT 1", "analyze": true]).isError)
    }
  }

  @Test func optionsSayMore() async throws {
    try await withTool { call, _ in
      let text: JSONValue = "SELECT * FROM orders WHERE customer = $1 ORDER BY note"
      let run = try await call(["sql": text, "analyze": true, "parameters": [7]])
      for word in ["Buffers: shared hit", "Rows Removed by Filter: 19960", "Sort: quicksort"] {
        #expect(run.text.contains(word), "\(run.text)")
      }
      #expect(run.structured?["plan"]?["nodes"]?[1]?["actual_rows"]?.double == 40)
      let plain = try await call(["sql": text, "analyze": true, "parameters": [7], "buffers": false])
      #expect(!plain.text.contains("Buffers"))
      let json = try await call(["sql": text, "parameters": [7], "format": "json", "verbose": true])
      #expect(json.structured?["explain"]?[0]?["Plan"]?["Output"] != nil && json.structured?["plan"] != nil)
      let settings = try await call(["sql": "SELECT 1", "analyze": true, "settings": true, "wal": true])
      #expect(!settings.isError)
    }
  }

  @Test func hypotheticalIndexesAreObjectsOrStatements() async throws {
    try await withTool { call, _ in
      let sql: JSONValue = "SELECT * FROM orders WHERE customer = 7 AND lower(note) = 'n'"
      for index: JSONValue in [
        ["table": "public.orders", "columns": ["customer"], "using": "btree"],
        ["table": "orders", "columns": ["customer", "lower(note)"]], "CREATE INDEX ON orders (customer)",
      ] {
        let result = try await call(["sql": sql, "hypothetical_indexes": [index]])
        #expect(result.structured?["plan"]?["used_hypothetical"]?.array?.count == 1, "\(index): \(result.text)")
      }
      for wrong: JSONValue in [["table": "orders"], ["columns": ["a"]], ["table": "orders", "columns": [1]], 7] {
        #expect(try await call(["sql": sql, "hypothetical_indexes": [wrong]]).isError)
      }
      let both = try await call([
        "sql": sql, "analyze": true, "hypothetical_indexes": ["CREATE INDEX ON orders (note)"],
      ])
      #expect(both.isError && both.text.contains("cannot be run"))
    }
  }
}
