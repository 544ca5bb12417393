// What an upgrade would meet on a whole server: transactions, slots, subscriptions and settings.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct UpgradeFaultTests {
  private func version(of cluster: ScratchCluster) async throws -> Int {
    let text = try await onOwnThread { try cluster.run("SHOW server_version_num") }
    return (Int(text.prefix { $0.isNumber }) ?? 0) / 10_000
  }

  @Test func whatAServerKeepsForOthers() async throws {
    var options = ScratchCluster.Options()
    options.settings = ["wal_level = logical", "max_prepared_transactions = 5", "max_replication_slots = 10"]
    let wanted = options
    let server = try await onOwnThread { try ScratchCluster.start(wanted) }
    let major = try await version(of: server)
    let ids = ["prepared-before-upgrade", "slots-before-upgrade", "subscriptions-before-upgrade"]
    // From 17 on nothing is known that a later release has not.
    for id in ids + (major < 17 ? ["removed-settings"] : []) {
      #expect(try await findings(of: id, at: server.url()).isEmpty, "\(id)")
    }
    try await prepared(on: server)
    try await slots(on: server, major)
    try await subscriptions(on: server, major)
    if major < 17 { try await settings(on: server, major) }
    try await onOwnThread { try server.control("stop") }
  }

  private func prepared(on server: ScratchCluster) async throws {
    _ = try await onOwnThread {
      try server.run("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'it''s open'")
    }
    let found = try await findings(of: "prepared-before-upgrade", at: server.url())
    #expect(found.map { "\($0.severity) \($0.object.name)" } == ["warning it's open"])
    #expect(found.allSatisfy { $0.remedies.allSatisfy(\.isForPeopleOnly) })
    try await cure(found, on: server, in: "postgres")
    #expect(try await findings(of: "prepared-before-upgrade", at: server.url()).isEmpty)
  }

  /// Up to 16 each logical slot is lost; from 17 on they are kept, but for invalid ones.
  private func slots(on server: ScratchCluster, _ major: Int) async throws {
    let id = "slots-before-upgrade"
    _ = try await onOwnThread {
      try server.run(
        """
        SELECT pg_create_logical_replication_slot('changes', 'pgoutput');
        SELECT pg_create_logical_replication_slot('passing', 'pgoutput', true);
        SELECT pg_create_physical_replication_slot('standby');
        """)
    }
    let found = try await findings(of: id, at: server.url())
    let seen = found.map { "\($0.severity) \($0.object.name)" }
    #expect(seen == (major < 17 ? ["warning changes", "info standby"] : ["info standby"]))
    // Its WAL is gone: nothing can be read from it any more.
    _ = try await onOwnThread {
      try server.run(
        """
        ALTER SYSTEM SET max_slot_wal_keep_size = '1MB';
        ALTER SYSTEM SET max_wal_size = '32MB';
        ALTER SYSTEM SET min_wal_size = '32MB';
        SELECT pg_reload_conf();
        SELECT pg_sleep(0.5);
        SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 1000000))) FROM generate_series(1, 120);
        SELECT pg_switch_wal();
        CHECKPOINT;
        CHECKPOINT;
        """)
    }
    let lost = try await findings(of: id, at: server.url())
    let changes = try #require(lost.first { $0.object.name == "changes" }, "\(lost.map(\.seen))")
    #expect(changes.severity == .warning && changes.seen.contains("invalid"))
    try await cure(lost, on: server, in: "postgres")
    _ = try await onOwnThread { try server.run("SELECT pg_drop_replication_slot('standby')") }
    #expect(try await findings(of: id, at: server.url()).isEmpty)
  }

  private func subscriptions(on server: ScratchCluster, _ major: Int) async throws {
    let id = "subscriptions-before-upgrade"
    _ = try await onOwnThread {
      try server.run(
        """
        CREATE SUBSCRIPTION planted CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
        ALTER SUBSCRIPTION planted SET (slot_name = NONE);
        """)
    }
    let found = try await findings(of: id, at: server.url())
    #expect(found.map { "\($0.severity) \($0.object.name)" } == (major < 17 ? ["info planted"] : []))
    if major >= 17 {
      _ = try await onOwnThread {
        try server.run(
          """
          SET allow_system_table_mods = on;
          INSERT INTO pg_subscription_rel SELECT s.oid, 't'::regclass, 'd', NULL FROM pg_subscription AS s;
          """)
      }
      let copying = try await findings(of: id, at: server.url())
      #expect(copying.map(\.severity) == [.warning], "\(copying.map(\.seen))")
      #expect(copying.first?.seen.contains("public.t") == true, "\(copying.map(\.seen))")
    }
    _ = try await onOwnThread { try server.run("DROP SUBSCRIPTION planted") }
    #expect(try await findings(of: id, at: server.url()).isEmpty)
  }

  private func settings(on server: ScratchCluster, _ major: Int) async throws {
    _ = try await onOwnThread {
      try server.run(
        "ALTER SYSTEM SET trace_recovery_messages = 'debug1'; SELECT pg_reload_conf(); SELECT pg_sleep(0.5)")
    }
    let found = try await findings(of: "removed-settings", at: server.url())
    #expect(found.map(\.fingerprint) == ["removed-settings/trace_recovery_messages"])
    #expect(found.first?.seen.contains("PostgreSQL 17") == true, "\(found.map(\.seen))")
    try await cure(found, on: server, in: "postgres")
    _ = try await onOwnThread { try server.run("SELECT pg_reload_conf(); SELECT pg_sleep(0.5)") }
    #expect(try await findings(of: "removed-settings", at: server.url()).isEmpty)
  }

  /// The group runs when it is named, with what belongs to it of other groups, and not otherwise.
  @Test func theGroupRunsWhenItIsNamed() {
    var unknown: String?
    let named = Set(Checkup.selected(by: ["upgrade"], unknown: &unknown).map(\.id))
    let usual = Set(usualChecks.map(\.id))
    #expect(unknown == nil && named.contains("unportable-columns") && named.contains("md5-passwords"))
    #expect(!usual.contains("unportable-columns"))
    #expect(Set(Checkup.selected(by: ["all"], unknown: &unknown).map(\.id)) == usual)
    let everything = Set(Checkup.selected(by: ["all", "upgrade"], unknown: &unknown).map(\.id))
    #expect(everything == usual.union(named))
  }
}
