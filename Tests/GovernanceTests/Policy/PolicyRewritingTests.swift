// The parts of a policy one by one: masks as SQL, names in filters, fences, places in changed text, quotas, coverage.

import Database
import SQLSyntax
import Support
import Testing

@testable import Governance

@Suite struct PolicyRewritingTests {
  @Test(arguments: [
    ("SELECT id FROM t WHERE id = 1 AND note IS NULL", true),
    ("SELECT 1 / id FROM t WHERE id IN (1, 2) ORDER BY f(id)", true),
    ("SELECT sum(a * b) FROM t WHERE at <= date '1998-12-01' - interval '90 days' GROUP BY c", true),
    ("SELECT * FROM t JOIN u ON t.id = u.id LEFT JOIN v USING (id)", true),
    ("SELECT * FROM (SELECT id, count(x / y) AS n FROM t GROUP BY id) AS s WHERE n > 3", true),
    ("SELECT * FROM t WHERE EXISTS (SELECT FROM u WHERE u.id = t.id)", true),
    ("SELECT * FROM t WHERE 1 / id > 0", false),
    ("SELECT * FROM t WHERE note::integer = 1", false),
    ("SELECT * FROM t WHERE note LIKE 'a%'", false),
    ("SELECT * FROM t WHERE f(id)", false),
    ("SELECT * FROM (SELECT 1 / id AS x FROM t) AS s WHERE x > 0", false),
    ("WITH q AS (SELECT 1 / id AS x FROM t) SELECT * FROM q WHERE x > 0", false),
    ("SELECT * FROM t JOIN u ON t.id = 1 / u.id", false),
    ("SELECT id FROM t GROUP BY id HAVING 1 / id > 0", false),
    ("SELECT (SELECT 1 FROM t WHERE 1 / id > 0) FROM t", false),
    ("SELECT id FROM t LIMIT (SELECT count(*) FROM t WHERE 1 / id > 0)", false),
    ("SELECT id FROM t ORDER BY (SELECT 1 FROM t WHERE 1 / id > 0)", false),
    ("SELECT id FROM t WHERE id = (SELECT 1)", false),
    ("SELECT id FROM t, f(t.id)", false),
    ("SELECT id FROM t WHERE (a, b) = (c, d)", false),
    ("SELECT id FROM t WHERE id OPERATOR(public.=) 3", false),
    ("SELECT id FROM t UNION SELECT id FROM t WHERE 1 / id > 0", false),
    ("DELETE FROM t", false),
  ])
  func whatCanFailIsFenced(_ text: String, _ holds: Bool) throws {
    #expect(LeakFreeConditions.hold(in: try #require(try parse(text).first).node) == holds)
  }

  @Test func namesAreBoundAsLiterals() {
    let principal = Principal(name: "it's", onBehalfOf: nil)
    #expect(
      PolicyText.bound("owner = :agent AND u = :USER", to: principal)
        == "owner = 'it''s'::pg_catalog.text AND u = NULL::pg_catalog.text")
    for text in ["a = b::agent", "a = ':agent'", "a[1:agent]x", "\":agent\" = 1", "x = : agent"]
    where !text.hasSuffix("x") {
      #expect(PolicyText.bound(text, to: principal) == text)
    }
  }

  @Test(arguments: ["", "1, 2", "1) OR (1", "1 FROM t", "1; SELECT 1", "*", "1 AS x", "1 UNION SELECT 2", "1 -- "])
  func whatIsNoExpression(_ text: String) {
    if text == "1 -- " {
      #expect(throws: Never.self) { try PolicyText.expression(text) }
    } else {
      #expect(throws: PolicyFailure.self) { try PolicyText.expression(text) }
    }
  }

  @Test func placesLeadBack() {
    let text = PolicedText(
      text: "", shown: "", masked: [], filtered: [], fenced: [],
      pieces: [.init(range: 14..<15, count: 50), .init(range: 20..<25, count: 1)], offset: 0)
    #expect(text.original(of: 3) == 3 && text.original(of: 14) == nil && text.original(of: 63) == nil)
    #expect(text.original(of: 64) == 15 && text.original(of: 68) == 19 && text.original(of: 69) == nil)
    #expect(text.original(of: 70) == 25)
  }

  @Test func quotasCount() {
    var quotas = Quotas()
    var limits = PolicyLimits()
    limits.perMinute = 2
    limits.concurrent = 2
    let (one, other) = (Principal(name: "one"), Principal(name: "other"))
    let start = ContinuousClock.now
    #expect(quotas.begin(one, limits, at: start) == nil && quotas.begin(one, limits, at: start) == nil)
    #expect(quotas.begin(one, limits, at: start)?.message.contains("per_minute") == true)
    #expect(quotas.begin(other, limits, at: start) == nil)
    #expect(quotas.begin(one, limits, at: start + .seconds(61))?.message.contains("concurrent") == true)
    quotas.end(one)
    #expect(quotas.begin(one, limits, at: start + .seconds(62)) == nil)
  }

  @Test func coverageFindsWhatIsClearAndWhatIsMisspelt() {
    func column(_ table: String, _ name: String, _ type: String = "text") -> NamedColumn {
      NamedColumn(schema: "s", table: table, column: name, type: type)
    }
    let columns = [
      column("people", "email"), column("people", "homePhone"), column("people", "id"), column("people", "account_id"),
      column("people", "birth_date"), column("log", "peer", "inet"), column("hidden", "password"),
      column("log", "shipping"),
    ]
    let views = [
      NamedColumn(schema: "s", table: "of_people", column: "email", type: "text", reads: ["s.log", "s.people"]),
      NamedColumn(schema: "s", table: "of_log", column: "email", type: "text", reads: ["s.log"]),
    ]
    var policy = Policy()
    policy.denyTables = ["hidden", "hiden"]
    var rule = TableRule()
    rule.masks = ["email": .email, "emial": .full]
    policy.tables["s.people"] = rule
    let coverage = PolicyCoverage(
      of: columns, under: EffectivePolicy([policy], for: Principal(name: "a")))
    #expect(coverage.clear.map(\.column.column) == ["homePhone", "birth_date", "peer"])
    #expect(coverage.unknown == ["column s.people.emial", "table hiden"] && coverage.sensitive == 5)
    let ofViews = PolicyCoverage(of: views, under: EffectivePolicy([policy], for: Principal(name: "a")))
    #expect(ofViews.clear.map(\.column.table) == ["of_log"])
    #expect(PolicyCoverage(of: columns, under: nil).clear.count == 5)
  }

  /// A column of every type, with clear values and with the ends of what there is.
  private static let everyType = """
    CREATE DOMAIN public.code AS text CHECK (value <> '');
    CREATE TYPE public.mood AS ENUM ('fine', 'bad');
    CREATE TABLE public.t (a text, b varchar(9), c char(9), d name, e integer, f bigint, g smallint, h numeric(12,3),
      i real, j double precision, k date, l timestamp, m timestamptz, n inet, o cidr, p uuid, q boolean, r bytea,
      s jsonb, u integer[], v public.code, w public.mood, x interval, y time);
    INSERT INTO public.t VALUES ('clear', 'clear', 'clear', 'clear', 12345, 1234567890123, 12345, 123456.789, 12345.5,
      1e300, '5874897-12-31', '294276-12-31', '294276-12-31', '10.1.2.3', '10.1.2.0/24', gen_random_uuid(), true,
      'clear', '{"a":1}', '{1}', 'clear', 'fine', '1 day', '12:00');
    INSERT INTO public.t (e, f, g, h, j, k, l, n, a)
      VALUES (-2147483648, -9223372036854775808, -32768, 'NaN', 'NaN', '-infinity', 'infinity', '::1', ''),
        (2147483647, 9223372036854775807, 32767, 0, '-infinity', '4713-01-01 BC', '4713-01-01 BC', '::/0', '@x');
    INSERT INTO public.t DEFAULT VALUES;
    """

  /// Every mask over every type: it runs on every value, keeps the type, and shows no clear value.
  @Test(.needsServer) func masksAreTotalAndKeepTypes() async throws {
    let masks: [Mask] = [
      .full, .null, .constant("1"), .partial(first: 1, last: 1), .email, .hash, .year, .month,
      .network(bits: 8, bits6: 32), .round(1_000),
    ]
    try await withDatabase(schema: Self.everyType) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var plain = Executor(on: session)
      let columns = try await session.namedColumns().filter { $0.table == "t" }.map(\.column)
      for mask in masks {
        var rule = TableRule()
        for column in columns {
          // A constant is whatever the operator says it is.
          if case .constant = mask, !["a", "b", "c", "d", "e", "f", "g", "h"].contains(column) { continue }
          rule.masks[column] = mask
        }
        var policy = Policy()
        policy.tables["t"] = rule
        policy.hashKey = "\\x00ff"
        let effective = EffectivePolicy([policy], for: Principal(name: "a"))
        var executor = Executor(on: session, options: GateOptions().policed)
        let grants = Grants(Principal(name: "a"), [.read], policy: effective)
        guard
          case .finished(let rows, let verdict) = try await executor.answer(to: "SELECT * FROM public.t", by: grants),
          case .finished(let clear, _) = try await plain.answer(
            to: "SELECT * FROM public.t", by: Grants(Principal(name: "a"), [.read]))
        else {
          Issue.record("\(mask) is refused")
          continue
        }
        #expect(verdict.policed?.masked.count == rule.masks.count)
        for (masked, stored) in zip(rows.columns, clear.columns) {
          // A domain becomes what it is made of.
          #expect(masked.name == stored.name && (masked.typeName == stored.typeName || stored.name == "v"), "\(mask)")
        }
        let clearWords = ["clear", "890123", "456.789", "345.5"] + (mask == .round(1_000) ? [] : ["12345"])
        for row in rows.rows {
          for (column, cell) in zip(columns, row) where rule.masks[column] != nil {
            let text = cell.map { String(decoding: $0, as: UTF8.self) } ?? ""
            for word in clearWords { #expect(!text.contains(word), "\(mask) of \(column): \(text)") }
          }
        }
      }
      await session.close()
    }
  }
}
