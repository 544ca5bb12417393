// What follows from what: planted together, found together, the root first.

import Database
import JSON
import Support
import Testing

@testable import HealthChecks

@Suite struct CauseRuleTests {
  /// Rules name checks that there are, and go one way.
  @Test func rulesGoOneWay() {
    let ids = Set(allChecks.map(\.id))
    var effects: [String: Set<String>] = [:]
    for rule in Causes.rules {
      #expect(ids.contains(rule.effect) && ids.contains(rule.cause), "\(rule.effect) from \(rule.cause)")
      effects[rule.cause, default: []].insert(rule.effect)
    }
    for start in effects.keys {
      var (seen, waiting) = (Set<String>(), Array(effects[start] ?? []))
      while let next = waiting.popLast() {
        if seen.insert(next).inserted { waiting += effects[next] ?? [] }
      }
      #expect(!seen.contains(start), "\(start) follows from itself")
    }
  }

  private func finding(
    _ check: String, _ severity: Severity, _ object: FoundObject, _ figures: [Figure] = []
  ) -> Finding {
    Finding(check: check, severity: severity, object: object, seen: "Seen.", why: "Why.", figures: figures)
  }

  /// A warning that an outage follows from stands in front of it, and of lesser faults; what is unrelated is not linked.
  @Test func aRootStandsInFrontOfWhatFollows() {
    let table = FoundObject(.table, "public.t")
    let arranged = Causes.arranged([
      finding(
        "transaction-id-wraparound", .critical, FoundObject(.database, "shop"), [Figure("age", Int64(1_700_000_000))]),
      finding("dangerous-settings", .critical, FoundObject(.setting, "fsync")),
      finding("idle-in-transaction", .warning, FoundObject(.session, "7")),
      finding("idle-in-transaction", .warning, FoundObject(.session, "8")),
      finding("xmin-horizon", .warning, FoundObject(.session, "7"), [Figure("age", Int64(1_600_000_000))]),
      finding("dead-rows", .warning, table), finding("bloated-tables", .notice, table),
      finding("bloated-tables", .notice, FoundObject(.table, "public.other")),
    ])
    #expect(
      arranged.map(\.fingerprint) == [
        "dangerous-settings/fsync", "idle-in-transaction/7", "xmin-horizon/7", "transaction-id-wraparound/shop",
        "idle-in-transaction/8", "dead-rows/public.t", "bloated-tables/public.other", "bloated-tables/public.t",
      ])
    #expect(arranged[1].causes == ["xmin-horizon/7"] && arranged[1].becauseOf.isEmpty)
    #expect(arranged[2].becauseOf == ["idle-in-transaction/7"])
    #expect(arranged[2].causes.sorted() == ["dead-rows/public.t", "transaction-id-wraparound/shop"])
    #expect(arranged[7].becauseOf == ["dead-rows/public.t"] && arranged[6].becauseOf.isEmpty)
    #expect(arranged[4].causes.isEmpty)
  }

  /// A young snapshot has not kept an old row from being frozen.
  @Test func whatIsYoungerIsNoCause() {
    let arranged = Causes.arranged([
      finding(
        "transaction-id-wraparound", .warning, FoundObject(.database, "shop"), [Figure("age", Int64(1_200_000_000))]),
      finding("xmin-horizon", .warning, FoundObject(.session, "7"), [Figure("age", Int64(2_000_000))]),
    ])
    #expect(arranged.allSatisfy { $0.becauseOf.isEmpty && $0.causes.isEmpty })
  }
}

@Suite(.needsServer) struct CauseTests {
  private func findings(_ ids: Set<String>, at url: String, _ limits: [String: Double]) async throws -> [Finding] {
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup(allChecks.filter { ids.contains($0.id) }, limits: Limits(changed: limits)).run(
      on: session)
    await session.close()
    return result.findings
  }

  @Test func aForgottenTransactionExplainsDeadRows() async throws {
    let schema = """
      CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 2000); ANALYZE t;
      """
    try await withDatabase(schema: schema) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await other.execute("SELECT FROM t")
      _ = try await onOwnThread {
        try ScratchCluster.shared().run(
          """
          DELETE FROM t WHERE a % 2 = 0;
          DO $$ BEGIN FOR i IN 1..300 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$;
          VACUUM t;
          """, in: database)
      }
      try await Task.sleep(for: .milliseconds(1_300))
      let ids: Set = ["dead-rows", "xmin-horizon", "idle-in-transaction"]
      let limits: [String: Double] = [
        "dead-rows": 100, "horizon-warning-transactions": 250, "idle-transaction-warning-s": 1,
      ]
      let found = try await findings(ids, at: url, limits)
      let dead = try #require(found.first { $0.fingerprint == "dead-rows/public.t" }, "\(found.map(\.seen))")
      let holder = try #require(found.first { $0.check == "xmin-horizon" && $0.becauseOf.count == 1 })
      let root = try #require(found.first { $0.fingerprint == holder.becauseOf[0] })
      #expect(dead.becauseOf.contains(holder.fingerprint) && holder.causes.contains(dead.fingerprint))
      #expect(root.check == "idle-in-transaction" && root.becauseOf.isEmpty)
      #expect(found.first?.check == "idle-in-transaction" && found.last?.check == "dead-rows")
      // The root's remedy, and then that of what followed.
      try await cure([root], on: ScratchCluster.shared(), in: database)
      try await cure([dead], on: ScratchCluster.shared(), in: database)
      try await Task.sleep(for: .milliseconds(1_300))
      #expect(try await findings(["dead-rows"], at: url, limits).isEmpty)
      await other.close()
    }
  }

  @Test func aForeignKeyWithoutAnIndexExplainsWhoWaits() async throws {
    let schema = """
      CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p SELECT generate_series(1, 100);
      CREATE TABLE c (p int, CONSTRAINT fk FOREIGN KEY (p) REFERENCES p); INSERT INTO c SELECT 50 FROM generate_series(1, 500);
      CREATE TABLE lone (id int PRIMARY KEY); INSERT INTO lone VALUES (1);
      ANALYZE;
      """
    try await withDatabase(schema: schema) { url in
      let target = ConnectionTarget(url: url)
      let (root, waiter) = (try await Session.open(target), try await Session.open(target))
      let limits: [String: Double] = ["blocked-warning-count": 1, "foreign-key-rows": 1]
      let ids: Set = ["blocked-sessions", "unindexed-foreign-keys"]
      try await root.execute("BEGIN")
      try await root.execute("DELETE FROM p WHERE id = 1")
      async let waiting: Void = waiter.execute("INSERT INTO c VALUES (1)")
      try await Task.sleep(for: .milliseconds(400))
      let found = try await findings(ids, at: url, limits)
      #expect(found.map(\.fingerprint).first == "unindexed-foreign-keys/public.c.fk", "\(found.map(\.seen))")
      #expect(found.last?.check == "blocked-sessions")
      #expect(found.last?.becauseOf == ["unindexed-foreign-keys/public.c.fk"], "\(found)")
      try await root.execute("ROLLBACK")
      try await waiting
      // Who waits for another table does not wait because of it.
      try await root.execute("BEGIN")
      try await root.execute("UPDATE lone SET id = 2")
      async let elsewhere: Void = waiter.execute("UPDATE lone SET id = 3")
      try await Task.sleep(for: .milliseconds(400))
      #expect(try await findings(ids, at: url, limits).allSatisfy { $0.becauseOf.isEmpty })
      try await root.execute("ROLLBACK")
      try await elsewhere
      await root.close()
      await waiter.close()
    }
  }
}
