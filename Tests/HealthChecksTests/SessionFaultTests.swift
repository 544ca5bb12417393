// Faults that take other sessions, or a server of their own settings: found live, cured by the finding's own SQL.

import Database
import HealthChecks
import Support
import Testing

/// One check on a server.
func findings(
  of id: String, at url: String, _ changed: [(String, Double)] = []
) async throws -> [Finding] {
  var limits = Limits()
  for (name, value) in changed {
    let isKnown = limits.set(name, to: value)
    #expect(isKnown, "\(name)")
  }
  let session = try await Session.open(ConnectionTarget(url: url))
  let result = try await Checkup(allChecks.filter { $0.id == id }, limits: limits).run(on: session)
  await session.close()
  for outcome in result.outcomes { #expect(outcome.status == .lookedAt, "\(outcome.status)") }
  return result.findings
}

/// Runs the remedies as a person would.
func cure(_ findings: [Finding], on cluster: ScratchCluster, in database: String) async throws {
  let script = findings.flatMap(\.remedies).map(\.sql).joined(separator: "\n")
  #expect(!script.isEmpty)
  _ = try await onOwnThread { try cluster.run(script, in: database) }
}

private func name(in url: String) -> String { String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "") }

@Suite(.needsServer) struct SessionFaultTests {
  /// Whoever ends a session sees it a moment longer.
  private func settle() async throws { try await Task.sleep(for: .milliseconds(300)) }

  @Test func sessionsIdleInTransactionAreFound() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let limits = [("idle-transaction-warning-s", 0.2), ("idle-transaction-critical-s", 1_000)]
      #expect(
        try await findings(of: "idle-in-transaction", at: url, limits).filter { $0.seen.contains(name(in: url)) }
          .isEmpty)
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
      try await settle()
      let found = try await findings(of: "idle-in-transaction", at: url, limits)
        .filter { $0.seen.contains(name(in: url)) }
      #expect(found.map(\.severity) == [.warning])
      #expect(found.first?.figures.contains(Figure("locked_relations", 1)) == true, "\(found)")
      try await cure(found, on: ScratchCluster.shared(), in: name(in: url))
      try await settle()
      #expect(
        try await findings(of: "idle-in-transaction", at: url, limits).filter { $0.seen.contains(name(in: url)) }
          .isEmpty)
      await other.close()
    }
  }

  @Test func longRunningStatementsAreFoundAndExpectedOnesAreNot() async throws {
    try await withDatabase { url in
      let limits = [("query-warning-s", 0.2), ("query-critical-s", 1_000)]
      let (slow, expected) = (
        try await Session.open(ConnectionTarget(url: url)), try await Session.open(ConnectionTarget(url: url))
      )
      let running = Task { try await slow.execute("SELECT pg_sleep(20)") }
      async let excused: Void = expected.execute("SELECT /* pgadvisor:expected */ pg_sleep(2)")
      try await settle()
      let found = try await findings(of: "long-running-queries", at: url, limits)
        .filter { $0.seen.contains(name(in: url)) }
      #expect(found.count == 1, "\(found.map(\.seen))")
      try await cure(found, on: ScratchCluster.shared(), in: name(in: url))
      await #expect(throws: DatabaseError.self) { try await running.value }
      #expect(
        try await findings(of: "long-running-queries", at: url, limits).filter { $0.seen.contains(name(in: url)) }
          .isEmpty)
      try await excused
      await slow.close()
      await expected.close()
    }
  }

  /// One holds, one wants to alter, two read: three wait, and for one.
  @Test func aChainOfWaitersIsReportedAtItsRoot() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int); INSERT INTO t VALUES (1)") { url in
      let target = ConnectionTarget(url: url)
      let root = try await Session.open(target)
      try await root.execute("BEGIN")
      try await root.execute("UPDATE t SET a = 2")
      let waiters = [try await Session.open(target), try await Session.open(target), try await Session.open(target)]
      async let altering: Void = waiters[0].execute("ALTER TABLE t ADD b int")
      try await settle()
      async let first: Void = waiters[1].execute("SELECT FROM t")
      async let second: Void = waiters[2].execute("SELECT FROM t")
      try await settle()
      let found = try await findings(of: "blocked-sessions", at: url)
      #expect(found.count == 1, "\(found.map(\.seen))")
      #expect(found.first?.figures.contains(Figure("waiting", 3)) == true, "\(found)")
      try await cure(found, on: ScratchCluster.shared(), in: name(in: url))
      try await altering
      try await first
      try await second
      #expect(try await findings(of: "blocked-sessions", at: url).isEmpty)
      for waiter in waiters { await waiter.close() }
      await root.close()
    }
  }

  @Test func whoHoldsBackTheHorizonIsNamed() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await other.execute("SELECT FROM t")
      _ = try await onOwnThread {
        try ScratchCluster.shared().run(
          "DO $$ BEGIN FOR i IN 1..300 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$")
      }
      let limits = [("horizon-warning-transactions", 250.0)]
      let found = try await findings(of: "xmin-horizon", at: url, limits)
      #expect(found.contains { $0.object.kind == .session }, "\(found.map(\.seen))")
      try await cure(found.filter { $0.object.kind == .session }, on: ScratchCluster.shared(), in: name(in: url))
      try await settle()
      #expect(try await findings(of: "xmin-horizon", at: url, limits).filter { $0.object.kind == .session }.isEmpty)
      await other.close()
    }
  }

  @Test func temporaryTablesThatGrowOldAreFound() async throws {
    try await withDatabase { url in
      let limits = [("temporary-transactions", 250.0)]
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("CREATE TEMPORARY TABLE kept (a int)")
      #expect(try await findings(of: "old-temporary-tables", at: url, limits).isEmpty)
      _ = try await onOwnThread {
        try ScratchCluster.shared().run(
          "DO $$ BEGIN FOR i IN 1..300 LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$")
      }
      let found = try await findings(of: "old-temporary-tables", at: url, limits)
      #expect(found.map(\.severity) == [.warning] && found[0].object.name.hasSuffix(".kept"), "\(found.map(\.seen))")
      try await cure(found, on: ScratchCluster.shared(), in: name(in: url))
      try await settle()
      #expect(try await findings(of: "old-temporary-tables", at: url, limits).isEmpty)
      await other.close()
    }
  }

  @Test func aHalfDetachedPartitionIsFound() async throws {
    let schema = """
      CREATE TABLE p (a int) PARTITION BY RANGE (a);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
      """
    let version = try await onOwnThread { try ScratchCluster.shared().run("SHOW server_version_num") }
    // Nothing is detached by halves before.
    guard (Int(version.prefix { $0.isNumber }) ?? 0) >= 140_000 else { return }
    try await withDatabase(schema: schema) { url in
      #expect(try await findings(of: "detach-pending", at: url).isEmpty)
      let reader = try await Session.open(ConnectionTarget(url: url))
      try await reader.execute("BEGIN")
      try await reader.execute("SELECT FROM p")
      let database = name(in: url)
      _ = try? await onOwnThread {
        try ScratchCluster.shared().run(
          "SET statement_timeout = '1s';\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;", in: database)
      }
      await reader.close()
      let found = try await findings(of: "detach-pending", at: url)
      #expect(found.map(\.fingerprint) == ["detach-pending/public.p1"])
      try await cure(found, on: ScratchCluster.shared(), in: database)
      #expect(try await findings(of: "detach-pending", at: url).isEmpty)
    }
  }

  @Test func deadlocksAreCounted() async throws {
    let cluster = try await onOwnThread { try ScratchCluster.start(ScratchCluster.Options()) }
    _ = try await onOwnThread { try cluster.run("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 0), (2, 0)") }
    let target = ConnectionTarget(url: cluster.url())
    let (first, second) = (try await Session.open(target), try await Session.open(target))
    #expect(try await findings(of: "deadlocks", at: cluster.url()).isEmpty)
    try await first.execute("BEGIN")
    try await second.execute("BEGIN")
    try await first.execute("UPDATE t SET b = 1 WHERE a = 1")
    try await second.execute("UPDATE t SET b = 1 WHERE a = 2")
    let crossing = Task { try await first.execute("UPDATE t SET b = 1 WHERE a = 2") }
    try await settle()
    let other = Task { try await second.execute("UPDATE t SET b = 1 WHERE a = 1") }
    let failed = [await crossing.result, await other.result].count { if case .failure = $0 { true } else { false } }
    #expect(failed == 1)
    for session in [first, second] { await session.close() }
    try await Task.sleep(for: .milliseconds(1_500))
    let found = try await findings(of: "deadlocks", at: cluster.url())
    #expect(found.map(\.severity) == [.notice], "\(found)")
    #expect(try await findings(of: "deadlocks", at: cluster.url(), [("deadlocks-per-day", 5)]).isEmpty)
    try await cure(found, on: cluster, in: "postgres")
    // What is counted is counted; it begins anew.
    _ = try await onOwnThread { try cluster.run("SELECT pg_stat_reset(); SELECT pg_sleep(1)") }
    #expect(try await findings(of: "deadlocks", at: cluster.url()).isEmpty)
    try await onOwnThread { try cluster.control("stop") }
  }

  @Test func aFullTableOfLocksIsFound() async throws {
    let cluster = try await onOwnThread {
      var options = ScratchCluster.Options()
      options.settings = ["max_connections = 20", "max_locks_per_transaction = 20"]
      return try ScratchCluster.start(options)
    }
    _ = try await onOwnThread {
      try cluster.run("SELECT format('CREATE TABLE t%s (a int)', k) FROM generate_series(1, 300) AS k \\gexec")
    }
    #expect(try await findings(of: "lock-table", at: cluster.url()).isEmpty)
    let holder = try await Session.open(ConnectionTarget(url: cluster.url()))
    try await holder.execute("BEGIN")
    try await holder.execute(
      "DO $$ BEGIN FOR k IN 1..300 LOOP EXECUTE format('LOCK TABLE t%s IN SHARE MODE', k); END LOOP; END $$")
    let found = try await findings(of: "lock-table", at: cluster.url())
    #expect(found.map(\.severity) == [.warning], "\(found)")
    #expect(found.first?.notes.contains { $0.contains("holds 30") } == true, "\(found)")
    try await cure(found, on: cluster, in: "postgres")
    await holder.close()
    try await onOwnThread {
      try cluster.control("stop")
      try cluster.control("start")
    }
    #expect(try await findings(of: "lock-table", at: cluster.url()).isEmpty)
    #expect(try await onOwnThread { try cluster.run("SHOW max_locks_per_transaction") }.hasPrefix("128"))
    try await onOwnThread { try cluster.control("stop") }
  }

  @Test func aRoleAtItsOwnLimitIsFound() async throws {
    try await withDatabase { url in
      let role = "limited_\(UInt32.random(in: 0 ... .max))"
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread { try cluster.run("CREATE ROLE \(role) LOGIN CONNECTION LIMIT 1") }
      let session = try await Session.open(ConnectionTarget(url: cluster.url(database: name(in: url), role: role)))
      let found = try await findings(of: "connection-usage", at: url).filter { $0.object.name == role }
      #expect(found.map(\.severity) == [.warning])
      try await cure(found, on: cluster, in: name(in: url))
      #expect(try await findings(of: "connection-usage", at: url).filter { $0.object.name == role }.isEmpty)
      await session.close()
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(role)") }
    }
  }
}
