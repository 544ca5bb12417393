// A check-up that is asked in one go finds what a careful one finds, and one that cannot be answered so is asked with care.

import Database
import Support
import Testing

@testable import HealthChecks

@Suite(.needsServer) struct AtOnceTests {
  private static let schema = """
    CREATE TABLE t (id serial PRIMARY KEY, a int); INSERT INTO t (a) SELECT generate_series(1, 20000);
    CREATE INDEX ON t (a); ANALYZE;
    """
  private static let few = [
    "connection-usage", "table-cache-hits", "dead-rows", "invalid-indexes", "replica-lag", "bloated-tables",
  ]

  /// - Parameter bytes: from which a table's bloat is looked at; `t` is of 700,000.
  private func checkup(_ ids: [String], bloatFrom bytes: Double = 8_192) -> Checkup {
    var unknown: String?
    let checks = Checkup.selected(by: ids, unknown: &unknown)
    #expect(unknown == nil && checks.count == ids.count)
    var limits = Limits()
    let isSet = limits.set("bloat-bytes", to: bytes)
    #expect(isSet)
    return Checkup(checks, limits: limits)
  }

  private func same(_ one: Checkup.Result, _ other: Checkup.Result) -> Bool {
    one.outcomes.map(\.id) == other.outcomes.map(\.id) && one.outcomes.map(\.status) == other.outcomes.map(\.status)
      && one.outcomes.map(\.omissions) == other.outcomes.map(\.omissions)
      && one.findings.map(\.fingerprint) == other.findings.map(\.fingerprint)
      && one.surroundings.tier == other.surroundings.tier && one.surroundings.platform == other.surroundings.platform
      && one.surroundings.settings.count == other.surroundings.settings.count
  }

  @Test(arguments: [few, few + ["dangerous-settings"], ["server-version"], ["unused-indexes"]])
  func theSameIsFound(_ ids: [String]) async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let checkup = checkup(ids)
      let careful = try await checkup.run(on: session)
      // On a busy machine a check-up may take long; that has a test of its own.
      let limits = ReadOnlyLimits()
      let atOnce = try #require(try await checkup.ranAtOnce(on: session, limits, as: careful.expectation))
      #expect(same(careful, atOnce))
      let again = try await checkup.run(on: session, expecting: Expectation(careful.surroundings, isSmooth: true))
      #expect(same(careful, again))
      await session.close()
    }
  }

  /// One question fails, and with it all of them; asked with care only that one is lost.
  @Test func aLockedTableDoesNotLoseTheOthers() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let (session, other) = (
        try await Session.open(ConnectionTarget(url: url)), try await Session.open(ConnectionTarget(url: url))
      )
      let checkup = checkup(Self.few)
      let before = try await checkup.run(on: session)
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
      let careful = try await checkup.run(on: session)
      let aided = try await checkup.run(on: session, expecting: Expectation(before.surroundings, isSmooth: true))
      #expect(same(careful, aided))
      #expect(aided.outcomes.count { $0.status == .lookedAt } >= 4)
      await other.close()
      await session.close()
    }
  }

  /// Where no table is as large as the smallest waste that is reported, its columns are not looked at, and nothing is missed.
  @Test func tablesTooSmallForBloatAreNotAskedAbout() async throws {
    let schema = """
      CREATE TABLE w (id int); INSERT INTO w SELECT generate_series(1, 60000); ANALYZE w;
      UPDATE pg_class SET reltuples = 100 WHERE oid = 'w'::regclass;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let ids = ["bloated-tables", "wide-rows"]
      let (all, none) = (checkup(ids, bloatFrom: 2_000_000), checkup(ids, bloatFrom: 2_500_000))
      let found = try await all.run(on: session)
      let size = try #require(found.surroundings.survey.largestTable)
      #expect(size > 2_000_000 && size < 2_500_000 && size % 8_192 == 0)
      func asks(_ checkup: Checkup) -> Int {
        checkup.checks.count { if case .asks = $0.plan(found.surroundings, checkup.limits) { true } else { false } }
      }
      #expect(asks(all) == 1 && asks(none) == 0)
      #expect(found.findings.map(\.object.name) == ["public.w"])
      let other = try await none.run(on: session)
      #expect(other.findings.isEmpty && other.outcomes.map(\.status) == [.lookedAt, .lookedAt])
      #expect(other.outcomes.map(\.omissions) == found.outcomes.map(\.omissions))
      await session.close()
    }
  }

  /// Where more has to be asked than the last time, and where there is too much to be asked in one go.
  @Test func whatIsNotAsExpectedIsAskedWithCare() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let limits = ReadOnlyLimits()
      let checkup = checkup(Self.few)
      var expected = try await checkup.run(on: session).surroundings
      expected.server = session.server
      // Not the same server process any more: where it runs is asked again.
      var before = expected
      (before.startedAt, before.platform) = (expected.startedAt - 1, .neon)
      #expect(try await checkup.ranAtOnce(on: session, limits, as: Expectation(before)) == nil)
      var another = expected
      another.server.isSuperuser.toggle()
      #expect(try await checkup.ranAtOnce(on: session, limits, as: Expectation(another)) == nil)
      let afresh = try await checkup.run(on: session, expecting: Expectation(before, isSmooth: true))
      #expect(afresh.surroundings.platform == .selfManaged && afresh.surroundings.startedAt == expected.startedAt)
      var small = expected
      small.survey.largestTable = 0
      #expect(try await checkup.ranAtOnce(on: session, limits, as: Expectation(small)) == nil)
      expected.readsColumnStatistics = false
      (expected.readableTables, expected.hiddenTables) = (0, 9)
      #expect(try await checkup.ranAtOnce(on: session, limits, as: Expectation(expected)) == nil)
      #expect(try await Checkup().ranAtOnce(on: session, limits, as: Expectation(expected)) == nil)
      let result = try await checkup.run(on: session, expecting: Expectation(expected, isSmooth: true))
      #expect(result.outcomes.allSatisfy { $0.status == .lookedAt || $0.id == "replica-lag" })
      #expect(try await Checkup().run(on: session).expectation.isSmooth == false)
      await session.close()
    }
  }

  /// What went together is not made again for the same checks, and is made again where anything of it is another.
  @Test func whatWentTogetherIsKept() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let (limits, checkup) = (ReadOnlyLimits(), checkup(Self.few))
      let careful = try await checkup.run(on: session)
      #expect(careful.expectation.together == nil)
      let first = try #require(try await checkup.ranAtOnce(on: session, limits, as: careful.expectation))
      let kept = try #require(first.expectation.together)
      #expect(kept.isFor(checkup, on: session.server) && kept.places.count == 2)
      let second = try #require(try await checkup.ranAtOnce(on: session, limits, as: first.expectation))
      #expect(same(careful, second) && second.expectation.together != nil)
      // Another threshold, other checks: the questions are others.
      let higher = self.checkup(Self.few, bloatFrom: 1e9)
      let fewer = self.checkup(Self.few.filter { $0 != "connection-usage" })
      for other in [higher, fewer] {
        #expect(!kept.isFor(other, on: session.server))
        let unaided = try await other.run(on: session)
        let aided = try #require(try await other.ranAtOnce(on: session, limits, as: second.expectation))
        #expect(same(unaided, aided) && aided.expectation.together?.places.count == 1)
      }
      // What is asked in vain is not asked again.
      try await session.execute("TRUNCATE t")
      try await session.execute("ANALYZE t")
      let third = try #require(try await checkup.ranAtOnce(on: session, limits, as: second.expectation))
      #expect(third.expectation.together == nil)
      let fourth = try #require(try await checkup.ranAtOnce(on: session, limits, as: third.expectation))
      #expect(fourth.expectation.together?.places.count == 1 && same(third, fourth))
      await session.close()
    }
  }
}
