// Two databases that differ only in what a policy hides, values as well as names, and callers who are advised on both.

import Database
import Governance
import JSON
import Support

@testable import MCPServer

struct AdviceTwins {
  let urls: [String]
  let services: [ProductService]
  let caller: Caller

  static let secrets = ["alpha", "bravo"]
  /// The name of a denied table in `app`.
  static let vaults = ["vault", "cellar"]

  static var policy: Policy {
    var policy = Policy()
    policy.denySchemas = ["hr"]
    policy.denyTables = Set(vaults)
    policy.hashKey = "\\x0102"
    var customers = TableRule()
    customers.denyColumns = Set(secrets.map { "\($0)_id" })
    customers.masks = ["email": .email]
    policy.tables["app.customers"] = customers
    var orders = TableRule()
    orders.rowFilter = "owner = :agent"
    policy.tables["orders"] = orders
    var events = TableRule()
    events.masks = ["note": .null]
    policy.tables["events_2025"] = events
    return policy
  }

  /// - Parameters:
  ///   - secret: in hidden values and names.
  ///   - vault: the name of a denied table, whose index has the name that one on products would get.
  private static func schema(_ secret: String, _ vault: String, shift: Int) -> String {
    """
    CREATE SCHEMA app; CREATE SCHEMA hr;
    CREATE TABLE app.products (id integer PRIMARY KEY, name text NOT NULL, price integer NOT NULL, kind text NOT NULL);
    CREATE TABLE app.stock (id integer PRIMARY KEY, product_id integer NOT NULL REFERENCES app.products, place text);
    CREATE TABLE app.customers (id integer PRIMARY KEY, name text, email text, \(secret)_id text);
    CREATE TABLE app.orders (id integer PRIMARY KEY, product_id integer REFERENCES app.products, owner text, note text);
    CREATE TABLE app.\(vault) (id integer PRIMARY KEY, name text);
    CREATE TABLE app.events (id integer NOT NULL, at date NOT NULL, note text) PARTITION BY RANGE (at);
    CREATE TABLE app.events_2024 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE app.notes (id integer PRIMARY KEY, product_id integer, words text);
    CREATE TABLE hr.\(secret)_wages (id integer PRIMARY KEY, amount integer);
    ALTER TABLE app.notes ENABLE ROW LEVEL SECURITY;
    CREATE POLICY visible_notes ON app.notes USING (EXISTS (SELECT FROM hr.\(secret)_wages AS w WHERE w.id = notes.id));
    CREATE VIEW app.product_view AS SELECT id, name, price FROM app.products;
    CREATE VIEW app.mixed_view AS SELECT p.name, c.email FROM app.products p JOIN app.customers c ON c.id = p.id;
    CREATE MATERIALIZED VIEW app.mails AS SELECT id, email FROM app.customers;
    CREATE FUNCTION app.mail(i integer) RETURNS text LANGUAGE sql STABLE
      AS 'SELECT email FROM app.customers WHERE id = i';
    CREATE FUNCTION app.quiet(i integer) RETURNS integer LANGUAGE sql IMMUTABLE
      AS 'SELECT (count(*) + i)::integer FROM app.customers';
    INSERT INTO app.products SELECT g, 'P' || g, g % 1000, 'kind ' || g % 7 FROM generate_series(1, 20000) AS g;
    INSERT INTO app.stock SELECT g, g % 20000 + 1, 'place ' || g % 50 FROM generate_series(1, 20000) AS g;
    INSERT INTO app.customers SELECT g, 'C' || g, '\(secret)' || g || '@example.com', '\(secret)' || g
      FROM generate_series(1, \(2000 + shift)) AS g;
    INSERT INTO app.orders SELECT g, g, '\(secret)', '\(secret)' || g FROM generate_series(1, \(15000 + shift)) AS g;
    INSERT INTO app.\(vault) SELECT g, '\(secret)' || g FROM generate_series(1, \(3000 + shift)) AS g;
    INSERT INTO app.events SELECT g, date '2024-06-01' + g % 500, '\(secret)' FROM generate_series(1, 9000) AS g
      WHERE g % 500 < 200 OR g < \(4000 + shift);
    INSERT INTO app.notes SELECT g, g, 'words ' || g FROM generate_series(1, 5000) AS g;
    INSERT INTO hr.\(secret)_wages SELECT g, g FROM generate_series(1, \(500 + shift)) AS g;
    CREATE INDEX \(vault == "vault" ? "products_name_idx" : "other_idx") ON app.\(vault) (name);
    CREATE INDEX orders_\(secret) ON app.orders (owner) WHERE owner = '\(secret)';
    CREATE INDEX orders_\(secret)_too ON app.orders (owner) WHERE owner = '\(secret)';
    CREATE INDEX stock_place ON app.stock (place); CREATE INDEX stock_place_too ON app.stock (place);
    CREATE TABLE app.keyless AS SELECT g AS id FROM generate_series(1, 60000) AS g;
    CREATE TABLE hr.\(secret)_keyless AS SELECT g AS id FROM generate_series(1, 60000) AS g;
    CREATE UNLOGGED TABLE app.plain (id integer PRIMARY KEY); CREATE UNLOGGED TABLE hr.\(secret)_plain (id integer);
    ALTER TABLE app.\(vault) SET (autovacuum_enabled = off); ALTER TABLE app.stock SET (autovacuum_enabled = off);
    REFRESH MATERIALIZED VIEW app.mails;
    VACUUM ANALYZE;
    DO $do$ BEGIN
      EXECUTE pg_catalog.format('ALTER DATABASE %I SET search_path = app, public', pg_catalog.current_database());
    END $do$;
    """
  }

  /// What applications have run: on both the same of what is not hidden.
  static func workload(_ secret: String, _ vault: String, shift: Int) -> String {
    """
    SELECT count(*) FROM products AS a JOIN products AS b ON a.price + 1 = b.price WHERE a.price < 200;
    SELECT id FROM products WHERE name = '\(secret)';
    SELECT /* for \(secret)@example.com */ price FROM app.products WHERE name = 'P7' AND kind = 'kind 3';
    SELECT id AS "\(secret)@example.com" FROM app.products WHERE price = 3;
    UPDATE app.stock SET place = '\(secret)' WHERE id = 3 AND place = 'nowhere';
    SELECT email FROM app.customers WHERE \(secret)_id = '\(secret)1';
    SELECT o.id FROM app.orders o JOIN app.products p ON p.id = o.product_id WHERE o.note = '\(secret)';
    SELECT name FROM app.\(vault) WHERE name = '\(secret)';
    SELECT amount FROM hr.\(secret)_wages WHERE id = 1;
    SELECT name, email FROM mixed_view WHERE name = 'P1'; SELECT name FROM product_view WHERE price = 9;
    SELECT quiet(price) FROM products WHERE id = 4; SELECT mail(id) FROM products WHERE id = 5;
    SELECT words FROM notes WHERE words = 'x'; SELECT email FROM mails WHERE id = 4;
    SELECT id FROM events WHERE at = '2024-07-01'; SELECT id FROM events_2024 WHERE at = '2024-07-01';
    SET work_mem = '12345kB'; COMMENT ON TABLE app.orders IS '\(secret)';
    PREPARE \(secret) AS SELECT 1; DEALLOCATE \(secret);
    \(String(repeating: "SELECT amount FROM hr.\(secret)_wages WHERE amount = 3;\n", count: 1 + shift))
    """
  }

  /// Whoever had a snapshot while VACUUM ran has kept it from marking pages as visible to all, and plans depend on that.
  private static func settle(_ url: String) async throws {
    let unmarked =
      "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace"
      + " AND relallvisible < relpages"
    for _ in 0..<100 {
      let left = try await onOwnThread {
        try requireCommand(["psql", url, "-XqAt", "-c", "VACUUM ANALYZE", "-c", unmarked])
      }
      if left.hasPrefix("0") { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw CommandFailure(description: "something keeps VACUUM from its work")
  }

  static func with(_ body: (AdviceTwins) async throws -> Void) async throws {
    try await withDatabase(schema: schema(secrets[0], vaults[0], shift: 0)) { first in
      try await withDatabase(schema: schema(secrets[1], vaults[1], shift: 7)) { second in
        for url in [first, second] { try await settle(url) }
        let principal = Principal(name: "bot")
        let policies = EffectivePolicy([policy], for: principal).map { ["twin": $0] } ?? [:]
        let caller = Caller(principal, permissions: ["twin": [.explain, .read, .write]], policies: policies)
        let services = [first, second].map { url in
          var connection = GovernedConnection(name: "twin", target: ConnectionTarget(url: url))
          connection.limits.bounds.searchPath = ["app"]
          return ProductService(governor: Governor([connection], audit: nil), version: "9.9")
        }
        try await body(AdviceTwins(urls: [first, second], services: services, caller: caller))
      }
    }
  }

  /// `…/test_1_2?host=…`
  func database(_ place: Int) -> String {
    let path = urls[place].split(separator: "?").first ?? ""
    return path.split(separator: "/").last.map(String.init) ?? ""
  }

  func call(_ place: Int, _ tool: String, _ arguments: JSONObject, as other: Caller? = nil) async throws -> ToolResult {
    let context = CallContext(caller: other ?? caller, callID: "c", protocolVersion: "2026-07-28")
    guard case .finished(let result) = await services[place].call(tool, arguments, in: context) else {
      throw CommandFailure(description: "\(tool) is not there")
    }
    return result
  }

  func resource(_ place: Int, _ uri: String, as other: Caller? = nil) async -> String {
    let context = CallContext(caller: other ?? caller, callID: "c", protocolVersion: "2026-07-28")
    return (await services[place].read(uri, in: context) ?? []).map { "\($0.body)" }.joined()
  }

  /// All of an answer but clocks and the database's own name.
  func plain(_ place: Int, _ result: ToolResult) -> String {
    let text =
      result.isError ? Self.unmarked(result.text) : Self.timeless(.object(result.structured ?? [:])).text(pretty: true)
    let parts = text.split(separator: database(place), omittingEmptySubsequences: false)
    // HypoPG before 1.2 takes the numbers of its indexes from the server's counter.
    return "\(result.isError) " + parts.joined(separator: "DB").replacing(/<[0-9]+>btree/, with: "<N>btree")
  }

  /// Without the words that fence data.
  private static func unmarked(_ text: String) -> String {
    guard let mark = text.firstRange(of: "Between the markers ").map({ text[$0.upperBound...].prefix(12) }) else {
      return text
    }
    return text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: "MARK")
  }

  private static let clocks: Set<String> = [
    "taken_at_s", "milliseconds", "entries_per_second", "since", "usage_since", "total_milliseconds",
    "mean_milliseconds", "recorded_milliseconds", "examined_milliseconds", "coverage_of_time", "blocks_hit",
    "blocks_read", "blocks_dirtied", "blocks_written", "wal_bytes", "shares", "load", "load_before", "load_after",
    "improvement", "gain_alone", "gain_after_earlier", "relative_load", "share_of_gain", "planning_milliseconds",
    "table_counter_factor",
  ]

  static func timeless(_ value: JSONValue) -> JSONValue {
    if let object = value.object {
      return .object(
        JSONObject(object.entries.filter { !clocks.contains($0.key) }.map { ($0.key, timeless($0.value)) }))
    }
    guard let array = value.array else { return value }
    // Statements come in the order of their times.
    let plain = array.map(timeless)
    guard plain.first?["sql"] != nil else { return .array(plain) }
    return .array(plain.sorted { ($0["sql"]?.string ?? "") < ($1["sql"]?.string ?? "") })
  }
}
