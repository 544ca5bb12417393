// A primary and a real streaming replica: lag that grows while replay is paused, and a receiver that is gone.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct StandbyTests {
  /// A reader of the replica stands in the way of replay, and is cancelled.
  private func conflict(of primary: ScratchCluster, with replica: ScratchCluster) async throws {
    #expect(try await findings(of: "replica-conflicts", at: replica.url()).isEmpty)
    _ = try await onOwnThread {
      try replica.run("ALTER SYSTEM SET max_standby_streaming_delay = '100ms'; SELECT pg_reload_conf()")
    }
    let reader = try await Session.open(ConnectionTarget(url: replica.url()))
    try await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    try await reader.execute("SELECT FROM t")
    _ = try await onOwnThread { try primary.run("DELETE FROM t; VACUUM t;") }
    var found: [Finding] = []
    for _ in 0..<50 where found.isEmpty {
      try await Task.sleep(for: .milliseconds(200))
      found = try await findings(of: "replica-conflicts", at: replica.url())
    }
    #expect(found.map(\.severity) == [.notice])
    #expect(found.first?.figures.contains(Figure("snapshot", 1)) == true, "\(found)")
    try await cure(found, on: replica, in: "postgres")
    // What was counted is counted: with feedback it would not have come to it.
    _ = try await onOwnThread { try replica.run("SELECT pg_stat_reset(); SELECT pg_sleep(1)") }
    #expect(try await findings(of: "replica-conflicts", at: replica.url()).isEmpty)
    await reader.close()
  }

  @Test func aStandbyThatFallsBehind() async throws {
    let primary = try await onOwnThread { try ScratchCluster.start(ScratchCluster.Options()) }
    _ = try await onOwnThread { try primary.run("CREATE TABLE t (a text)") }
    var options = ScratchCluster.Options()
    options.prepare = { directory, cluster in
      let copied = try cluster.asServer([
        "sh", "-c",
        """
        rm -rf '\(directory)' && '\(cluster.programs)/pg_basebackup' -D '\(directory)' -R -C -S planted -X stream \
        -c fast -d 'host=\(primary.directory) user=postgres' \
        && echo "unix_socket_directories = '\(cluster.directory)'" >> '\(directory)/postgresql.conf'
        """,
      ])
      #expect(copied.status == 0, "\(copied.text)")
    }
    let wanted = options
    let replica = try await onOwnThread { try ScratchCluster.start(wanted) }
    // A replica knows the time of its last transaction only when it has replayed one.
    _ = try await onOwnThread { try primary.run("INSERT INTO t VALUES ('x')") }
    try await Task.sleep(for: .seconds(1))
    let limits = [("standby-lag-warning-bytes", 1_000_000.0), ("replica-lag-warning-s", 0.5)]
    #expect(try await findings(of: "standby-lag", at: primary.url(), limits).isEmpty)
    #expect(try await findings(of: "replica-lag", at: replica.url(), limits).isEmpty)
    #expect(try await findings(of: "replication-slots", at: primary.url()).isEmpty)
    _ = try await onOwnThread {
      try replica.run("SELECT pg_wal_replay_pause()")
      return try primary.run(
        "INSERT INTO t SELECT repeat(md5(g::text), 20) FROM generate_series(1, 5000) g; SELECT pg_sleep(2)")
    }
    let behind = try await findings(of: "standby-lag", at: primary.url(), limits)
    #expect(behind.map(\.object.kind) == [.standby], "\(behind.map(\.seen))")
    let lag = try await findings(of: "replica-lag", at: replica.url(), limits)
    #expect(lag.map(\.object.name) == ["replay", "lag"], "\(lag.map(\.seen))")
    try await cure(lag, on: replica, in: "postgres")
    try await Task.sleep(for: .seconds(1))
    #expect(try await findings(of: "standby-lag", at: primary.url(), limits).isEmpty)
    #expect(try await findings(of: "replica-lag", at: replica.url(), limits).isEmpty)
    try await conflict(of: primary, with: replica)
    try await onOwnThread { try primary.control("stop") }
    try await Task.sleep(for: .seconds(1))
    #expect(try await findings(of: "replica-lag", at: replica.url(), limits).map(\.object.name) == ["receiver"])
    try await onOwnThread {
      try replica.control("stop")
      try primary.control("start")
    }
    // Its slot is left behind, and keeps WAL for nobody.
    let slots = try await findings(of: "replication-slots", at: primary.url())
    #expect(slots.map(\.object.name) == ["planted"])
    try await cure(slots, on: primary, in: "postgres")
    #expect(try await findings(of: "replication-slots", at: primary.url()).isEmpty)
    try await onOwnThread { try primary.control("stop") }
  }
}
