// Two databases that differ in nothing but what a policy hides, and callers who look at both.

import Database
import Support
import Testing

@testable import Governance

struct PolicyTwins {
  let governors: [Governor]
  let caller: Caller

  /// The policy that hides all that differs.
  static var policy: Policy {
    var policy = Policy()
    policy.denySchemas = ["hr"]
    policy.hashKey = "\\x0102"
    var customers = TableRule()
    customers.denyColumns = ["ssn"]
    customers.masks = [
      "email": .email, "phone": .partial(first: 0, last: 4), "born": .year, "balance": .round(1_000),
      "ip": .network(bits: 24, bits6: 48), "token": .null, "score": .full, "created": .month,
      "nick": .expression("pg_catalog.\"left\"(nick, 1)"),
    ]
    policy.tables["app.customers"] = customers
    var orders = TableRule()
    orders.rowFilter = "owner = :agent"
    policy.tables["orders"] = orders
    var events = TableRule()
    events.masks = ["secret": .constant("#####")]
    policy.tables["events"] = events
    var child = TableRule()
    child.denyColumns = ["pin"]
    policy.tables["child"] = child
    return policy
  }

  static let secrets = ["alpha", "another-one"]

  private static let schema = """
    CREATE SCHEMA app; CREATE SCHEMA hr;
    CREATE TABLE app.customers (
      id integer PRIMARY KEY, name text NOT NULL, email text, phone varchar(20), ssn text, born date,
      balance numeric(12,2), ip inet, token uuid, score integer, region text NOT NULL,
      created timestamptz NOT NULL DEFAULT '2024-01-01', nick text,
      label text GENERATED ALWAYS AS (name || ' <' || coalesce(email, '') || '>') STORED);
    CREATE TABLE app.orders (id integer PRIMARY KEY, customer_id integer NOT NULL, total numeric(10,2) NOT NULL,
      owner text NOT NULL, note text);
    CREATE TABLE app.products (id integer PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL);
    CREATE TABLE app.events (id integer NOT NULL, at date NOT NULL, secret text) PARTITION BY RANGE (at);
    CREATE TABLE app.events_2024 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE app.events_2025 PARTITION OF app.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE app.parent (id integer, v text);
    CREATE TABLE app.child (pin text) INHERITS (app.parent);
    CREATE TABLE hr.salaries (id integer PRIMARY KEY, amount integer);
    CREATE VIEW app.customer_view AS SELECT id, name, email FROM app.customers;
    CREATE VIEW app.product_view AS SELECT id, name FROM app.products;
    CREATE VIEW app.view_view AS SELECT * FROM app.customer_view;
    CREATE MATERIALIZED VIEW app.customer_copy AS SELECT id, email FROM app.customers;
    CREATE FUNCTION app.mail(i integer) RETURNS text LANGUAGE sql STABLE
      AS 'SELECT email FROM app.customers WHERE id = i';
    CREATE FUNCTION app.twice(i integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT i * 2';
    CREATE FUNCTION app.mail_of(c app.customers) RETURNS text LANGUAGE sql STABLE AS 'SELECT c.email';
    CREATE FUNCTION app.kind(n text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN to_regclass(n)::text; END';
    CREATE INDEX ON app.customers (email); CREATE INDEX ON app.customers (lower(email));
    """

  /// - Parameter shift: how far numbers and days are off, and how many more rows are hidden.
  private static func rows(_ secret: String, shift: Int) -> String {
    """
    INSERT INTO app.customers (id, name, email, phone, ssn, born, balance, ip, token, score, region, nick)
      SELECT g, 'Name ' || g, '\(secret)' || g || '@example.com', '555-\(secret)' || lpad(g::text, 4, '0'),
        '\(secret)' || g, date '1980-01-01' + g + \(shift), 1000 + g + \(shift),
        ('10.0.' || (g % 2) || '.' || (g % 5 + \(shift)))::inet, md5('\(secret)' || g)::uuid, g * 10 + \(shift),
        CASE WHEN g % 3 = 0 THEN 'eu' ELSE 'us' END, '\(secret)' FROM generate_series(1, 30) AS g;
    INSERT INTO app.orders SELECT g, g % 30 + 1, g * 10, CASE WHEN g % 2 = 0 THEN 'bot' ELSE '\(secret)' END,
        CASE WHEN g % 2 = 0 THEN 'note ' || g ELSE '\(secret)' || g END FROM generate_series(1, 60) AS g;
    INSERT INTO app.orders SELECT 1000 + g, 1, g, '\(secret)', '\(secret)' FROM generate_series(1, \(shift)) AS g;
    INSERT INTO app.products SELECT g, 'P' || g, g FROM generate_series(1, 10) AS g;
    INSERT INTO app.events SELECT g, date '2024-06-01' + g * 10, '\(secret)' || g FROM generate_series(1, 40) AS g;
    INSERT INTO app.parent VALUES (1, 'a'); INSERT INTO app.child VALUES (2, 'b', '\(secret)');
    INSERT INTO hr.salaries SELECT g, g * 1000 + \(shift) FROM generate_series(1, 5) AS g;
    REFRESH MATERIALIZED VIEW app.customer_copy;
    ANALYZE;
    """
  }

  /// - Parameters:
  ///   - more: tables beside.
  ///   - rows: what comes after all others, by secret and shift.
  static func with(
    _ policy: Policy = Self.policy, more: String = "",
    adding rows: (_ secret: String, _ shift: Int) -> String = { _, _ in "" }, _ body: (PolicyTwins) async throws -> Void
  ) async throws {
    func all(_ secret: String, _ shift: Int) -> String {
      schema + more + Self.rows(secret, shift: shift) + rows(secret, shift)
    }
    try await withDatabase(schema: all(secrets[0], 0)) { first in
      try await withDatabase(schema: all(secrets[1], 7)) { second in
        let principal = Principal(name: "bot")
        let effective = EffectivePolicy([policy], for: principal)
        let caller = Caller(
          principal, permissions: ["twin": Set(Permission.allCases)], policies: effective.map { ["twin": $0] } ?? [:])
        let governors = [first, second].map { url in
          var connection = GovernedConnection(name: "twin", target: ConnectionTarget(url: url))
          connection.limits.bounds.searchPath = ["app"]
          return Governor([connection], audit: nil)
        }
        try await body(PolicyTwins(governors: governors, caller: caller))
      }
    }
  }

  func call(_ tool: String = "query") -> GovernedCall {
    GovernedCall(caller: caller, callID: "call-1", tool: tool, connection: "twin")
  }

  /// What both say, in one text; neither may tell anything. `w:` in front stands for a change of data.
  func expectAlike(_ attack: String) async -> String {
    let isWrite = attack.hasPrefix("w:")
    let text = isWrite ? String(attack.dropFirst(2)) : attack
    let first = await answer(of: 0, to: text, writes: isWrite)
    let second = await answer(of: 1, to: text, writes: isWrite)
    #expect(first == second, "\(text)")
    for secret in Self.secrets where !text.contains(secret) {
      #expect(!first.contains(secret) && !second.contains(secret), "\(text): \(first)")
    }
    return first
  }

  /// What one of them says, in one text.
  func answer(of place: Int, to text: String, _ values: [String?] = [], writes: Bool = false) async -> String {
    let permissions: Set<Permission> = writes ? [.explain, .read, .write] : [.explain, .read]
    do throws(GovernedFailure) {
      let outcome = try await governors[place].outcome(
        of: text, values, for: call(writes ? "write_data" : "query"), within: permissions)
      switch outcome {
      case .refused(let verdict): return "refused \(verdict.rule): \(verdict.message) \(verdict.position ?? -1)"
      case .proposed(let verdict, _): return "proposed \(verdict.rule)"
      case .finished(let rows, _):
        return
          "\(rows.columns.map { "\($0.name) \($0.type)" }) \(rows.cells) \(rows.affectedRows ?? -1) \(rows.isTruncated)"
      }
    } catch {
      return "failed \(error) \(error.sqlState ?? "") \(error.position ?? -1)"
    }
  }
}
