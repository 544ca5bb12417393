// What a policy lets statements cost, on a live server: the dear one does not run, the cheap one beside it does.

import Database
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct CeilingTests {
  private let schema = """
    CREATE TABLE public.big (id integer PRIMARY KEY, kind integer, note text);
    INSERT INTO public.big SELECT g, g % 7, repeat('x', 20) FROM generate_series(1, 20000) AS g;
    CREATE TABLE public.small (id integer PRIMARY KEY);
    INSERT INTO public.small SELECT g FROM generate_series(1, 100) AS g;
    CREATE TABLE public.fresh (id integer, note text) WITH (autovacuum_enabled = false);
    INSERT INTO public.fresh SELECT g, repeat('x', 20) FROM generate_series(1, 20000) AS g;
    CREATE TABLE public.parts (id integer) PARTITION BY HASH (id);
    CREATE TABLE public.part0 PARTITION OF public.parts FOR VALUES WITH (modulus 2, remainder 0);
    CREATE TABLE public.part1 PARTITION OF public.parts FOR VALUES WITH (modulus 2, remainder 1);
    INSERT INTO public.parts SELECT generate_series(1, 8000);
    ANALYZE public.big; ANALYZE public.small; ANALYZE public.parts;
    """

  private func rule(
    of statements: [(sql: String, rule: String?)], under ceilings: Ceilings, hiding: Bool = false
  ) async throws {
    try await withDatabase(schema: schema) { url in
      var policy = Policy()
      policy.limits.ceilings = ceilings
      if hiding { policy.denyTables = ["small"] }
      let principal = Principal(name: "agent")
      let caller = Caller(
        principal, permissions: ["shop": [.explain, .read, .write]],
        policies: ["shop": try #require(EffectivePolicy([policy], for: principal))])
      let governor = Governor([GovernedConnection(name: "shop", target: ConnectionTarget(url: url))], audit: nil)
      for (sql, rule) in statements {
        let call = GovernedCall(caller: caller, callID: "1", tool: "execute_sql", connection: nil)
        let values = sql.contains("$1") ? ["7"] : []
        switch try await governor.outcome(of: sql, values, for: call, within: [.explain, .read, .write]) {
        case .proposed: Issue.record("it was proposed: \(sql)")
        case .refused(let verdict):
          #expect(verdict.rule == rule, "\(sql): \(verdict.message)")
          #expect(!verdict.message.contains("big") || !hiding)
        case .finished: #expect(rule == nil, "\(sql)")
        }
      }
    }
  }

  @Test func whatReadsTooManyRowsDoesNotRun() async throws {
    try await rule(
      of: [
        ("SELECT note FROM big WHERE id = 5", nil), ("SELECT note FROM big WHERE id = $1", nil),
        ("SELECT * FROM small", nil), ("SELECT * FROM big LIMIT 10", nil),
        ("SELECT * FROM big ORDER BY id LIMIT 10", nil), ("SELECT * FROM big ORDER BY id", "policy-scan"),
        ("SELECT count(*) FROM big", "policy-scan"), ("SELECT count(*) FROM big WHERE kind = $1", "policy-scan"),
        ("SELECT * FROM big ORDER BY note LIMIT 10", "policy-scan"),
        ("SELECT max(id) FROM big", nil), ("SELECT (SELECT count(note) FROM big) FROM small LIMIT 1", "policy-scan"),
        ("WITH q AS MATERIALIZED (SELECT * FROM big) SELECT 1 FROM q LIMIT 1", "policy-scan"),
        ("SELECT count(*) FROM fresh", "policy-scan"), ("SELECT count(*) FROM parts", nil),
        ("SELECT count(*) FROM parts a JOIN parts b ON a.id = b.id + 1", "policy-scan"),
        ("EXPLAIN SELECT count(*) FROM big", nil), ("EXPLAIN ANALYZE SELECT count(*) FROM big", "policy-scan"),
        ("EXPLAIN (BUFFERS, ANALYZE true) SELECT count(*) FROM big", "policy-scan"),
        ("EXPLAIN (ANALYZE) SELECT * FROM small", nil), ("SHOW work_mem", nil),
        ("DELETE FROM big WHERE kind = 3", "policy-scan"), ("DELETE FROM big WHERE id = 3", nil),
        ("INSERT INTO small SELECT id + 1000 FROM big", "policy-scan"), ("INSERT INTO small VALUES (1001)", nil),
      ], under: Ceilings(scannedRows: 10_000))
  }

  @Test func whatIsTooDearDoesNotRun() async throws {
    try await rule(
      of: [
        ("SELECT note FROM big WHERE id = 5", nil), ("SELECT count(*) FROM big a, big b", "policy-cost"),
        ("UPDATE big SET kind = 1 FROM big b", "policy-cost"), ("SELECT 1", nil),
        ("EXPLAIN (ANALYZE) SELECT count(*) FROM big a, big b", "policy-cost"),
      ], under: Ceilings(cost: 5_000))
  }

  @Test func behindAPolicyThatHidesNamesAreNotTold() async throws {
    try await rule(
      of: [("SELECT count(*) FROM big", "policy-scan"), ("SELECT * FROM small", "policy-relation")],
      under: Ceilings(scannedRows: 10_000), hiding: true)
  }

  @Test func theLowestCeilingHolds() throws {
    let limits = [100.0, 50, 70].map { cost in
      var policy = Policy()
      policy.limits.ceilings.cost = cost
      return policy
    }
    #expect(EffectivePolicy(limits, for: Principal(name: "a"))?.limits.ceilings == Ceilings(cost: 50))
  }

  /// An error in the statement is told as it would be without a ceiling.
  @Test func anErrorKeepsItsPlace() async throws {
    try await withDatabase(schema: schema) { url in
      var policy = Policy()
      policy.limits.ceilings.cost = 100
      let principal = Principal(name: "agent")
      let caller = Caller(
        principal, permissions: ["shop": [.read]],
        policies: ["shop": try #require(EffectivePolicy([policy], for: principal))])
      let governor = Governor([GovernedConnection(name: "shop", target: ConnectionTarget(url: url))], audit: nil)
      let call = GovernedCall(caller: caller, callID: "1", tool: "query", connection: nil)
      let failure = await #expect(throws: GovernedFailure.self) {
        _ = try await governor.outcome(of: "SELECT 'é', nothing FROM big", for: call, within: [.read])
      }
      #expect(failure?.sqlState == "42703" && failure?.position == 13)
    }
  }
}
