// Faults of whole servers: wraparound, archiving, replication, settings, damage, each on a cluster of its own.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct ClusterFaultTests {
  private func cluster(
    _ settings: [String], prepare: (@Sendable (String, ScratchCluster) throws -> Void)? = nil
  ) async throws -> ScratchCluster {
    var options = ScratchCluster.Options()
    options.settings = settings
    options.prepare = prepare
    let wanted = options
    return try await onOwnThread { try ScratchCluster.start(wanted) }
  }

  private static let durable = [
    "fsync = on", "full_page_writes = on", "synchronous_commit = on", "autovacuum = on", "track_counts = on",
  ]

  @Test func aFreshServerHasNoWarning() async throws {
    let fresh = try await cluster(Self.durable)
    let session = try await Session.open(ConnectionTarget(url: fresh.url()))
    let result = try await Checkup().run(on: session)
    await session.close()
    #expect(
      result.findings.filter { $0.severity >= .warning && $0.check != "server-version" }.isEmpty,
      "\(result.findings.map(\.seen))")
    for outcome in result.outcomes
    where !outcome.about.needs.contains(.statements) && !outcome.about.needs.contains(.matureStatistics) {
      if case .notLookedAt(let reason) = outcome.status { Issue.record("\(outcome.id): \(reason)") }
    }
    try await onOwnThread { try fresh.control("stop") }
  }

  /// The demo shop, loaded and looked after: nothing to warn of.
  @Test func theDemoInGoodOrderHasNoWarning() async throws {
    let fresh = try await cluster(Self.durable)
    let shop = ["schema", "data"].compactMap { contents(of: packageFile("Fixtures/schemas/demo/\($0).sql")) }
    try #require(shop.count == 2)
    _ = try await onOwnThread {
      try fresh.run("\\set scale 0.02\n" + shop.joined(separator: "\n") + "\nVACUUM ANALYZE;")
    }
    let session = try await Session.open(ConnectionTarget(url: fresh.url()))
    let result = try await Checkup().run(on: session)
    await session.close()
    let found = result.findings.filter { $0.severity >= .warning && $0.check != "server-version" }
    #expect(found.isEmpty, "\(found.map(\.seen))")
    try await onOwnThread { try fresh.control("stop") }
  }

  @Test func settingsThatRiskTheDataAndWaitForARestart() async throws {
    let bad = try await cluster([
      "synchronous_standby_names = 'nobody'", "synchronous_commit = off", "max_prepared_transactions = 5",
      "pg_stat_statements.max = 100",
    ])
    let url = bad.url()
    let dangerous = try await findings(of: "dangerous-settings", at: url)
    #expect(Set(dangerous.map(\.object.name)) == ["fsync", "full_page_writes", "synchronous_commit"])
    #expect(dangerous.first { $0.object.name == "fsync" }?.severity == .critical)
    let disabled = try await findings(of: "autovacuum-disabled", at: url)
    #expect(disabled.map(\.severity) == [.critical])
    let missing = try await findings(of: "standby-lag", at: url)
    #expect(missing.map(\.object.name) == ["synchronous_standby_names"])
    try await cure(missing + dangerous + disabled, on: bad, in: "postgres")
    try await Task.sleep(for: .milliseconds(500))
    for id in ["dangerous-settings", "autovacuum-disabled", "standby-lag"] {
      #expect(try await findings(of: id, at: url).isEmpty, "\(id)")
    }
    _ = try await onOwnThread {
      try bad.run("ALTER SYSTEM SET max_connections = 77; SELECT pg_reload_conf(); SELECT pg_sleep(0.5)")
    }
    let pending = try await findings(of: "pending-restart", at: url)
    #expect(pending.map(\.object.name) == ["max_connections"])
    try await cure(pending, on: bad, in: "postgres")
    try await Task.sleep(for: .milliseconds(500))
    #expect(try await findings(of: "pending-restart", at: url).isEmpty)
    try await preparedTransactions(on: bad)
    try await tuning(on: bad)
    try await checkpoints(on: bad)
    try await configurationErrors(on: bad)
    try await evictions(on: bad)
    try await managed(on: bad)
    try await onOwnThread { try bad.control("stop") }
  }

  private func preparedTransactions(on cluster: ScratchCluster) async throws {
    _ = try await onOwnThread {
      try cluster.run("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'for''gotten'")
    }
    let limits = [("prepared-warning-s", 0.0)]
    #expect(try await findings(of: "prepared-transactions", at: cluster.url()).isEmpty)
    let found = try await findings(of: "prepared-transactions", at: cluster.url(), limits)
    #expect(found.map(\.object.name) == ["for'gotten"])
    try await cure(found, on: cluster, in: "postgres")
    #expect(try await findings(of: "prepared-transactions", at: cluster.url(), limits).isEmpty)
  }

  /// Where ALTER SYSTEM is the service's own affair nobody is told to run it.
  private func managed(on cluster: ScratchCluster) async throws {
    _ = try await onOwnThread {
      try cluster.run(
        "CREATE ROLE rdsadmin SUPERUSER; ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf(); SELECT pg_sleep(0.5)")
    }
    let session = try await Session.open(ConnectionTarget(url: cluster.url()))
    let result = try await Checkup(allChecks.filter { $0.id == "dangerous-settings" }).run(on: session)
    await session.close()
    #expect(result.surroundings.platform == .rds)
    #expect(result.findings.map(\.object.name) == ["fsync"])
    #expect(result.findings.flatMap(\.remedies).allSatisfy { !$0.sql.contains("ALTER SYSTEM") })
  }

  private func checkpoints(on cluster: ScratchCluster) async throws {
    let id = "requested-checkpoints"
    #expect(try await findings(of: id, at: cluster.url()).isEmpty)
    _ = try await onOwnThread {
      try cluster.run(String(repeating: "SELECT txid_current();\nCHECKPOINT;\n", count: 12) + "SELECT pg_sleep(0.5);")
    }
    let found = try await findings(of: id, at: cluster.url())
    #expect(found.map(\.severity) == [.notice])
    try await cure(found, on: cluster, in: "postgres")
    // What is counted is counted; it begins anew.
    _ = try await onOwnThread {
      try cluster.run(
        """
        SELECT pg_stat_reset_shared(CASE WHEN current_setting('server_version_num')::int >= 170000 THEN 'checkpointer'
          ELSE 'bgwriter' END);
        SELECT pg_sleep(1);
        """)
    }
    #expect(try await findings(of: id, at: cluster.url()).isEmpty)
  }

  private func evictions(on cluster: ScratchCluster) async throws {
    let limits = [("evictions-per-hour", 2.0)]
    _ = try await onOwnThread {
      try cluster.run("CREATE EXTENSION pg_stat_statements; SELECT pg_stat_statements_reset();")
    }
    let version = try await onOwnThread { try cluster.run("SHOW server_version_num") }
    guard (Int(version.prefix { $0.isNumber }) ?? 0) >= 140_000 else { return }
    #expect(try await findings(of: "evicted-statements", at: cluster.url(), limits).isEmpty)
    let statements = (1...300).map { "SELECT " + Array(repeating: "1", count: $0).joined(separator: ", ") + ";" }
    _ = try await onOwnThread { try cluster.run(statements.joined(separator: "\n")) }
    let found = try await findings(of: "evicted-statements", at: cluster.url(), limits)
    #expect(found.map(\.severity) == [.notice], "\(found)")
    try await cure(found, on: cluster, in: "postgres")
    // It takes effect with a restart, and what was counted is counted.
    _ = try await onOwnThread { try cluster.run("SELECT pg_stat_statements_reset()") }
    #expect(try await findings(of: "evicted-statements", at: cluster.url(), limits).isEmpty)
  }

  @Test func rulesThatLetInWhoeverComes() async throws {
    var options = ScratchCluster.Options()
    let local = "local all all trust\nhost all all 127.0.0.1/32 trust\nhostssl all all 10.0.0.0/8 password\n"
    options.hostAuthentication = local + "host all all 0.0.0.0/0 trust\nhost shop app 10.1.0.0/16 password\n"
    let wanted = options
    let open = try await onOwnThread { try ScratchCluster.start(wanted) }
    let found = try await findings(of: "host-authentication", at: open.url())
    #expect(found.map(\.severity) == [.critical, .warning], "\(found.map(\.seen))")
    #expect(found.map(\.object.name) == ["host all all 0.0.0.0 trust", "host shop app 10.1.0.0 password"])
    func write(_ text: String) async throws {
      _ = try await onOwnThread {
        try open.asServer(["sh", "-c", "cat > '\(open.directory)/data/pg_hba.conf'"], input: text)
      }
    }
    try await write(local + "host all all 0.0.0.0/0 scram-sha-2\n")
    #expect(try await findings(of: "host-authentication", at: open.url()).map(\.severity) == [.critical])
    try await write(local + "host all all 0.0.0.0/0 scram-sha-256\n")
    #expect(try await findings(of: "host-authentication", at: open.url()).isEmpty)
    try await onOwnThread { try open.control("stop") }
  }

  private func configurationErrors(on cluster: ScratchCluster) async throws {
    #expect(try await findings(of: "configuration-errors", at: cluster.url()).isEmpty)
    try await onOwnThread {
      _ = try cluster.asServer([
        "sh", "-c", "echo \"work_mem = 'banana'\" >> '\(cluster.directory)/data/postgresql.auto.conf'",
      ])
    }
    let found = try await findings(of: "configuration-errors", at: cluster.url())
    #expect(found.map(\.object.name) == ["work_mem in postgresql.auto.conf"])
    try await cure(found, on: cluster, in: "postgres")
    #expect(try await findings(of: "configuration-errors", at: cluster.url()).isEmpty)
  }

  private func tuning(on cluster: ScratchCluster) async throws {
    let limits = [("large-bytes", 1_000.0)]
    let found = try await findings(of: "tuning-values", at: cluster.url(), limits)
    #expect(Set(found.map(\.object.name)) == ["random_page_cost", "shared_buffers"])
    try await cure(found, on: cluster, in: "postgres")
    try await Task.sleep(for: .milliseconds(500))
    #expect(try await findings(of: "tuning-values", at: cluster.url(), limits).map(\.object.name) == ["shared_buffers"])
    #expect(try await findings(of: "tuning-values", at: cluster.url()).isEmpty)
  }

  @Test func anArchiverThatFails() async throws {
    let bad = try await cluster(["archive_mode = on", "archive_command = 'false'"])
    #expect(try await findings(of: "archiver-failing", at: bad.url()).isEmpty)
    _ = try await onOwnThread { try bad.run("CREATE TABLE t (a int); SELECT pg_switch_wal(); SELECT pg_sleep(2)") }
    #expect(try await findings(of: "archiver-failing", at: bad.url()).map(\.severity) == [.critical])
    #expect(try await findings(of: "archive-backlog", at: bad.url()).isEmpty)
    let limits = [("archive-warning-segments", 1.0)]
    let waiting = try await findings(of: "archive-backlog", at: bad.url(), limits)
    #expect(waiting.map(\.severity) == [.warning], "\(waiting)")
    _ = try await onOwnThread {
      try bad.run("ALTER SYSTEM SET archive_command = 'true'; SELECT pg_reload_conf(); SELECT pg_sleep(3)")
      return try bad.run("INSERT INTO t VALUES (1); SELECT pg_switch_wal(); SELECT pg_sleep(2)")
    }
    #expect(try await findings(of: "archiver-failing", at: bad.url()).isEmpty)
    #expect(try await findings(of: "archive-backlog", at: bad.url(), limits).isEmpty)
    try await onOwnThread { try bad.control("stop") }
  }

  /// A slot that nobody reads takes the last place but one, and keeps WAL: the cause stands in front.
  @Test func slotsThatKeepEverything() async throws {
    let settings = ["max_replication_slots = 3", "max_wal_size = '32MB'", "min_wal_size = '32MB'", "wal_keep_size = 0"]
    let full = try await cluster(settings)
    let places = "replication-capacity"
    _ = try await onOwnThread {
      try full.run("SELECT pg_create_physical_replication_slot(n, true) FROM unnest(ARRAY['a', 'b']) AS n")
    }
    #expect(try await findings(of: places, at: full.url()).isEmpty)
    #expect(try await findings(of: "wal-directory", at: full.url()).isEmpty)
    _ = try await onOwnThread {
      try full.run(
        """
        SELECT pg_create_physical_replication_slot('c', true);
        SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 1000000))) FROM generate_series(1, 90);
        SELECT pg_switch_wal(); CHECKPOINT;
        """)
    }
    let found = try await findings(of: places, at: full.url())
    #expect(found.map(\.object.name) == ["max_replication_slots"], "\(found)")
    let session = try await Session.open(ConnectionTarget(url: full.url()))
    let ids: Set = ["wal-directory", "replication-slots"]
    let together = try await Checkup(allChecks.filter { ids.contains($0.id) }).run(on: session).findings
    await session.close()
    let kept = try #require(together.last)
    #expect(kept.fingerprint == "wal-directory/wal" && kept.severity == .warning, "\(together)")
    #expect(kept.becauseOf.sorted() == ["a", "b", "c"].map { "replication-slots/\($0)" }, "\(kept)")
    try await cure(together, on: full, in: "postgres")
    #expect(try await findings(of: "wal-directory", at: full.url()).isEmpty)
    try await cure(found, on: full, in: "postgres")
    try await onOwnThread {
      try full.control("stop")
      try full.control("start")
    }
    _ = try await onOwnThread {
      try full.run("SELECT pg_create_physical_replication_slot(n) FROM unnest(ARRAY['a', 'b', 'c']) AS n")
    }
    #expect(try await findings(of: places, at: full.url()).isEmpty)
    try await onOwnThread { try full.control("stop") }
  }

  @Test func allConnectionsTakenAndNoneReserved() async throws {
    let tight = try await cluster(["max_connections = 12", "superuser_reserved_connections = 0", "max_wal_senders = 2"])
    var sessions: [Session] = []
    for _ in 0..<9 { sessions.append(try await Session.open(ConnectionTarget(url: tight.url()))) }
    let found = try await findings(of: "connection-usage", at: tight.url())
    #expect(Set(found.map(\.object.name)) == ["connections", "superuser_reserved_connections"], "\(found.map(\.seen))")
    for session in sessions { await session.close() }
    try await cure(found.filter { $0.object.kind == .setting }, on: tight, in: "postgres")
    try await onOwnThread {
      try tight.control("stop")
      try tight.control("start")
    }
    #expect(try await findings(of: "connection-usage", at: tight.url()).isEmpty)
    try await onOwnThread { try tight.control("stop") }
  }

  /// A replica that is paused, and one whose primary is not there.
  @Test func aReplicaThatStandsStill() async throws {
    let replica = try await cluster(["hot_standby = on"])
    try await onOwnThread {
      try replica.control("stop")
      _ = try replica.asServer(["touch", "\(replica.directory)/data/standby.signal"])
      try replica.control("start")
    }
    #expect(try await findings(of: "replica-lag", at: replica.url()).isEmpty)
    _ = try await onOwnThread { try replica.run("SELECT pg_wal_replay_pause()") }
    let paused = try await findings(of: "replica-lag", at: replica.url())
    #expect(paused.map(\.object.name) == ["replay"])
    try await cure(paused, on: replica, in: "postgres")
    #expect(try await findings(of: "replica-lag", at: replica.url()).isEmpty)
    let session = try await Session.open(ConnectionTarget(url: replica.url()))
    let everything = try await Checkup().run(on: session)
    await session.close()
    for outcome in everything.outcomes {
      if case .notLookedAt(let reason) = outcome.status, reason.contains("recovery") { Issue.record("\(reason)") }
    }
    _ = try await onOwnThread {
      _ = try replica.asServer([
        "sh", "-c", "echo \"primary_conninfo = 'host=/nonexistent'\" >> '\(replica.directory)/data/postgresql.conf'",
      ])
      return try replica.run("SELECT pg_reload_conf(); SELECT pg_sleep(0.5)")
    }
    let alone = try await findings(of: "replica-lag", at: replica.url())
    #expect(alone.map(\.object.name) == ["receiver"])
    #expect(alone.first?.severity == .critical)
    try await onOwnThread { try replica.control("stop") }
  }
}
