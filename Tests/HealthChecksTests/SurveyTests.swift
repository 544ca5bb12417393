// What the survey leaves nothing to find of is not asked, and nothing is missed by that.

import Database
import Support
import Testing

@testable import HealthChecks

@Suite(.needsServer) struct SurveyTests {
  /// The same check, which always asks.
  private struct Asking<Check: HealthCheck>: HealthCheck {
    let check: Check
    var id: String { check.id }
    var about: CheckDescription { check.about }
    func question(for server: ServerInfo) -> SQL? { check.question(for: server) }
    func part(for server: ServerInfo) -> SQL? { check.part(for: server) }
    func question(in surroundings: Surroundings) -> SQL? { check.question(in: surroundings) }
    func values(_ surroundings: Surroundings, _ limits: Limits) -> [[String?]] { check.values(surroundings, limits) }
    func judge(_ rows: [Check.Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
      check.judge(rows, surroundings, limits)
    }
    func omissions(_ rows: [Check.Row], _ surroundings: Surroundings) -> [String] {
      check.omissions(rows, surroundings)
    }
    func sizes(_ rows: [Check.Row]) -> [MeasuredSize] { check.sizes(rows) }
    func counters(_ rows: [Check.Row], _ surroundings: Surroundings) -> [MeasuredCounter] {
      check.counters(rows, surroundings)
    }
    func examinations(_ rows: [Check.Row], _ surroundings: Surroundings, _ limits: Limits) -> [Examination] {
      check.examinations(rows, surroundings, limits)
    }
  }

  private static let surveyed = allChecks.filter { !$0.about.surveys.isEmpty }

  private func asking(_ check: some HealthCheck) -> any HealthCheck { Asking(check: check) }

  /// A schema, and which of the checks find something in it.
  private static let states: [(found: [String], schema: String)] = [
    ([], ""),
    // Dead rows, and dead pieces of TOAST.
    (
      ["dead-rows"],
      """
      CREATE TABLE d (id int) WITH (autovacuum_enabled = off); INSERT INTO d SELECT generate_series(1, 3000);
      DELETE FROM d WHERE id > 100;
      """
    ),
    (
      ["dead-rows"],
      """
      CREATE TABLE o (id int, body text) WITH (autovacuum_enabled = off, toast.autovacuum_enabled = off);
      ALTER TABLE o ALTER body SET STORAGE EXTERNAL;
      INSERT INTO o SELECT i, repeat('x', 9000) FROM generate_series(1, 300) AS i; UPDATE o SET body = repeat('y', 9000);
      """
    ),
    // Half empty, with more columns than a hundred.
    (
      ["bloated-tables", "wide-rows"],
      """
      CREATE TABLE w (id int); INSERT INTO w SELECT generate_series(1, 60000);
      DO $$ BEGIN FOR i IN 1..110 LOOP EXECUTE format('ALTER TABLE w ADD c%s int', i); END LOOP; END $$; ANALYZE w;
      UPDATE pg_class SET reltuples = 100 WHERE oid = 'w'::regclass;
      """
    ),
    // An index that has failed, and one of a partitioned table that lacks its parts.
    (
      ["invalid-indexes"],
      """
      CREATE TABLE i (a int); CREATE INDEX failed ON i (a);
      UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'failed'::regclass;
      """
    ),
    (
      [],
      """
      CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9);
      CREATE INDEX lacking ON ONLY p (a);
      """
    ),
    ([], "CREATE TEMPORARY TABLE t AS SELECT generate_series(1, 30000) AS a; ANALYZE t"),
  ]

  @Test(arguments: states) func asksWhereSomethingIsToBeFound(found: [String], schema: String) async throws {
    #expect(Self.surveyed.count == 5)
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      if found == ["dead-rows"] { try await untilDeadRowsAreCounted(session) }
      for factor in [1e-9, 1e-3, 1] {
        var limits = Limits()
        let lowered = ["bloat-bytes", "wide-table-bytes", "dead-rows", "cache-blocks"]
        for (name, value, _) in Limits.defaults where lowered.contains(name) {
          let isSet = limits.set(name, to: (value * factor).rounded(.down))
          #expect(isSet)
        }
        let isSet = limits.set("cache-hit-percent", to: factor < 1 ? 101 : 95)
        #expect(isSet)
        let surveyed = try await Checkup(Self.surveyed, limits: limits).run(on: session)
        let asked = try await Checkup(Self.surveyed.map { asking($0) }, limits: limits).run(on: session)
        #expect(surveyed.findings.map(\.fingerprint) == asked.findings.map(\.fingerprint))
        let checks = Set(surveyed.findings.map(\.check)).subtracting(["table-cache-hits"])
        if factor < 1e-3 { #expect(checks.isSuperset(of: found)) }
        #expect(surveyed.outcomes.map(\.status) == asked.outcomes.map(\.status))
        #expect(surveyed.outcomes.map(\.omissions) == asked.outcomes.map(\.omissions))
        #expect(surveyed.outcomes.map(\.sizes) == asked.outcomes.map(\.sizes))
        #expect(surveyed.outcomes.map(\.counters) == asked.outcomes.map(\.counters))
      }
      await session.close()
    }
  }

  /// Up to PostgreSQL 14 another process counts, and is told when a session ends.
  private func untilDeadRowsAreCounted(_ session: Session) async throws {
    for _ in 0..<200 {
      let answer = try await session.run([
        .statement("SELECT sum(pg_stat_get_dead_tuples(c.oid)) > 0 FROM pg_class AS c WHERE c.oid >= 16384", [])
      ])
      if try answer[0].get().text(0, 0) == "t" { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("no dead rows are counted")
  }

  /// Somebody rewrites a catalog that only the survey and one check read.
  @Test func whatHoldsUpTheSurveyHoldsUpNothingElse() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id int)") { url in
      let (session, other) = (
        try await Session.open(ConnectionTarget(url: url)), try await Session.open(ConnectionTarget(url: url))
      )
      var unknown: String?
      let ids = ["connection-usage", "invalid-indexes"]
      let checkup = Checkup(Checkup.selected(by: ids, unknown: &unknown))
      let before = try await checkup.run(on: session)
      #expect(before.outcomes.map(\.status) == [.lookedAt, .lookedAt])
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE pg_catalog.pg_index IN ACCESS EXCLUSIVE MODE")
      for expected in [nil, before.expectation] {
        let result = try await checkup.run(on: session, expecting: expected)
        #expect(result.outcomes.map(\.id) == ids && result.surroundings.survey == Survey())
        #expect(result.outcomes[0].status == .lookedAt && !result.expectation.isSmooth)
        guard case .notLookedAt = result.outcomes[1].status else { Issue.record("\(result.outcomes[1])"); continue }
      }
      try await other.execute("ROLLBACK")
      #expect(try await checkup.run(on: session).surroundings.survey == before.surroundings.survey)
      await other.close()
      await session.close()
    }
  }

  /// Each of them stays silent where the survey says so, and asks where it says nothing.
  @Test func theSurveyDecides() {
    let (none, limits) = (Surroundings(server: ServerInfo(versionNumber: 150_000)), Limits())
    var seen = none
    seen.survey = Survey(largestTable: 0, mostDeadRows: 0, blocksFetched: 0, blocksHit: 0, invalidIndexes: 0)
    for check in Self.surveyed {
      #expect(!check.findsNothing(none, limits) && check.findsNothing(seen, limits), "\(check.id)")
    }
  }
}
