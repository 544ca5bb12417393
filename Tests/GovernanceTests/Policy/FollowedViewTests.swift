// Views over ruled tables: as if their query had been written by the caller, or refused.

import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct FollowedViewTests {
  /// Those whose own query may be run, with it.
  private static let followed: [(name: String, query: String)] = [
    (
      "rich",
      "SELECT c.id, c.name AS who, c.email, c.balance, o.total, o.note FROM app.customers c JOIN app.orders o ON o.customer_id = c.id"
    ),
    (
      "totals",
      "SELECT region, count(*) AS n, sum(balance) AS money, max(email) AS last FROM app.customers GROUP BY region"
    ),
    ("by_mail", "SELECT id, email FROM app.customers WHERE email LIKE 'alpha%' OR id < 4"),
    ("barrier", "SELECT id, email, phone FROM app.customers WHERE id < 10"),
    (
      "recur",
      "WITH RECURSIVE r AS (SELECT id, email FROM app.customers WHERE id = 1 UNION SELECT c.id, c.email FROM app.customers c JOIN r ON c.id = r.id + 1) SELECT id, email FROM r"
    ),
    ("parts", "SELECT id, at, secret FROM app.events"),
    ("renamed", "SELECT id AS a, email AS b FROM app.customers"),
    (
      "beside",
      "SELECT c.id, o.total, o.note FROM app.customers c CROSS JOIN LATERAL (SELECT total, note FROM app.orders WHERE customer_id = c.id ORDER BY total LIMIT 1) o"
    ),
    (
      "by_key",
      "SELECT c.id, c.name, c.email, count(*) AS n FROM app.customers c JOIN app.orders o ON o.customer_id = c.id GROUP BY c.id"
    ),
    ("several", "SELECT id, email FROM app.customers UNION ALL SELECT id, note FROM app.orders"),
    ("failing", "SELECT id, 1 / (total - 15) AS x FROM app.orders"),
    ("deep", "SELECT who, email, total FROM app.rich WHERE total > 100"),
    ("inside", "SELECT id FROM app.products p WHERE EXISTS (SELECT 1 FROM app.orders o WHERE o.customer_id = p.id)"),
    (
      "windows",
      "SELECT id, rank() OVER (ORDER BY balance DESC) AS r, lag(email) OVER (ORDER BY id) AS l FROM app.customers"
    ),
    ("ruled", "SELECT id, name, email FROM app.customers"),
  ]

  /// What would be refused to the caller, or means something else in a statement.
  private static let refused: [(name: String, query: String)] = [
    ("numbered", "SELECT id, ssn FROM app.customers"),
    ("by_number", "SELECT id FROM app.customers WHERE ssn LIKE 'alpha%'"),
    ("of_pay", "SELECT s.id, c.name FROM hr.salaries s JOIN app.customers c USING (id)"),
    ("calls", "SELECT id, app.mail(id) AS m FROM app.products"),
    ("whole_calls", "SELECT app.mail_of(c.*) AS m FROM app.customers c"),
    ("kids", "SELECT id, v FROM app.parent"),
    ("locking", "SELECT id, email FROM app.customers FOR UPDATE"),
    ("catalog", "SELECT c.id, s.n_live_tup FROM app.customers c CROSS JOIN pg_catalog.pg_stat_user_tables s"),
    ("sizes", "SELECT pg_relation_size('app.customers') + id AS s FROM app.customers"),
    ("sampled", "SELECT id FROM app.customers TABLESAMPLE SYSTEM (50)"),
    ("over_refused", "SELECT id FROM app.numbered"),
    ("copied", "SELECT id, email FROM app.customer_copy"),
    ("own_function", "SELECT pg_catalog.lower(email) AS e FROM app.customers"),
  ]

  /// Somebody's own function of a name that the view means PostgreSQL's by.
  private static let schema =
    (followed + refused).map {
      "CREATE VIEW app.\($0.name)\($0.name == "barrier" ? " WITH (security_barrier)" : "") AS \($0.query);"
    }
    .joined(separator: "\n")
      + """

      CREATE FUNCTION app.reads_copy(i integer) RETURNS text LANGUAGE sql STABLE
        AS 'SELECT email FROM app.customer_copy WHERE id = i';
      CREATE MATERIALIZED VIEW app.copy_of_copy AS SELECT id, email FROM app.copied;
      CREATE FUNCTION app.lower(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';

      """

  private static var policy: Policy {
    var policy = PolicyTwins.policy
    var ruled = TableRule()
    ruled.masks = ["name": .full]
    ruled.rowFilter = "id < 20"
    policy.tables["ruled"] = ruled
    return policy
  }

  @Test func aViewIsWhatItsQueryIs() async throws {
    try await PolicyTwins.with(Self.policy, more: Self.schema) { twins in
      for (name, query) in Self.followed where name != "ruled" {
        let order = name == "failing" ? "" : " ORDER BY 1, 2"
        let sorted = ["inside"].contains(name) ? " ORDER BY 1" : order
        let through = await twins.answer(of: 0, to: "SELECT * FROM app.\(name)\(sorted)")
        let written = await twins.answer(of: 0, to: "SELECT * FROM (\(query)) AS q\(sorted)")
        #expect(!through.hasPrefix("refused"), "\(name): \(through)")
        if name == "failing" {
          #expect(through.hasPrefix("failed") == written.hasPrefix("failed"), "\(name): \(through) \(written)")
        } else {
          #expect(through == written && !through.hasPrefix("failed"), "\(name): \(through) \(written)")
        }
      }
      let ruled = await twins.answer(of: 0, to: "SELECT count(*), min(name), max(email) FROM ruled")
      #expect(ruled.contains("Optional(\"19\"), Optional(\"***\"), Optional(\"a***@example.com\")"), "\(ruled)")
    }
  }

  @Test func whatIsRefusedInAQueryIsRefusedInAView() async throws {
    try await PolicyTwins.with(Self.policy, more: Self.schema) { twins in
      for (name, query) in Self.refused {
        let through = await twins.answer(of: 0, to: "SELECT * FROM app.\(name)")
        #expect(through.hasPrefix("refused policy-view"), "\(name): \(through)")
        #expect(!through.contains("ssn") && !through.contains("salaries"), "\(name): \(through)")
        guard !["own_function", "copied"].contains(name) else { continue }
        let written = await twins.answer(of: 0, to: query)
        #expect(written.hasPrefix("refused") || written.hasPrefix("failed"), "\(name): \(written)")
      }
      // Plans and writes stay what they are.
      for text in ["EXPLAIN SELECT * FROM rich", "EXPLAIN ANALYZE SELECT * FROM totals"] {
        #expect(await twins.answer(of: 0, to: text).hasPrefix("refused policy-"), "\(text)")
      }
      // A stored copy is one wherever it is read.
      for (text, rule) in [
        ("SELECT reads_copy(1)", "policy-code"), ("SELECT * FROM copy_of_copy", "policy-view"),
        ("SELECT id FROM products WHERE reads_copy(id) IS NULL", "policy-code"),
      ] {
        let answer = await twins.answer(of: 0, to: text)
        #expect(answer.hasPrefix("refused \(rule)"), "\(text): \(answer)")
      }
      let written = await twins.answer(of: 0, to: "UPDATE renamed SET b = 'x'", writes: true)
      #expect(written.hasPrefix("refused policy-"), "\(written)")
    }
  }

  /// Every way that the attacks on tables go, through views.
  @Test func viewsTellTheTwinsNotApart() async throws {
    try await PolicyTwins.with(Self.policy, more: Self.schema) { twins in
      var finished = 0
      for (name, query) in Self.followed + Self.refused {
        // The first name of the list of outputs, as the view calls it.
        let column =
          [
            "renamed": "a", "deep": "who", "windows": "r", "totals": "region", "whole_calls": "m", "sizes": "s",
            "own_function": "e",
          ][name]
          ?? "id"
        for text in [
          "SELECT v::text FROM app.\(name) v ORDER BY 1", "SELECT row_to_json(v) FROM \(name) v ORDER BY v::text",
          "SELECT count(*), count(DISTINCT v::text) FROM app.\(name) AS v",
          "SELECT \(column) FROM app.\(name) ORDER BY 1 LIMIT 3",
          "SELECT 1 / (length(v::text) - 30) FROM app.\(name) v",
          "SELECT v::text::integer FROM app.\(name) v", "TABLE app.\(name)", "TABLE \(name) LIMIT 2",
          "SELECT count(*) FROM \(name) WHERE \(name)::text LIKE '%alpha%'",
          "SELECT count(*) FROM \(name) v JOIN customers c ON v::text LIKE '%' || c.email || '%'",
          "SELECT p.id FROM products p WHERE EXISTS (SELECT FROM \(name) v WHERE v::text ~ 'alpha')",
          "WITH v AS (SELECT * FROM \(name)) SELECT v::text FROM v ORDER BY 1",
          "SELECT app.\(name).\(column) FROM app.\(name) ORDER BY 1",
          "SELECT * FROM \(name), LATERAL (SELECT 1 / \(17 - 17)) x",
          "SELECT t.ssn FROM \(name) t", "SELECT (t).ssn FROM \(name) t", "SELECT x FROM \(name) AS t (x) ORDER BY 1",
          "SELECT t.tableoid FROM \(name) t", "SELECT t.ctid, t.xmin FROM \(name) t",
          "SELECT \(column), count(*) FROM \(name) GROUP BY 1 HAVING 1 / count(*) > 0 ORDER BY 1",
          "EXPLAIN SELECT * FROM \(name)", "SELECT * FROM \(name) TABLESAMPLE SYSTEM (10)",
          "SELECT * FROM \(name) FOR SHARE", "SELECT count(*) FROM \(name) a NATURAL JOIN \(name) b",
          "SELECT pg_column_size(v.*) FROM \(name) v", "SELECT * FROM (\(query)) AS v ORDER BY v::text",
        ] {
          let first = await twins.expectAlike(text)
          if !first.hasPrefix("refused") && !first.hasPrefix("failed") { finished += 1 }
        }
      }
      #expect(finished > 150)
    }
  }
}
