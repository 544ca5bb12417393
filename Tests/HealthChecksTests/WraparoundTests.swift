// Transaction IDs and multixacts that run out, and a page that is damaged: planted on stopped servers.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct WraparoundTests {
  private func start(
    _ settings: [String], prepare: (@Sendable (String, ScratchCluster) throws -> Void)? = nil
  ) async throws -> ScratchCluster {
    var options = ScratchCluster.Options()
    options.settings = settings
    options.prepare = prepare
    let wanted = options
    return try await onOwnThread { try ScratchCluster.start(wanted) }
  }

  /// pg_resetwal moves the counter; the page of the commit log that the new number lies on must be there.
  @Test func transactionIDsThatRunOut() async throws {
    let old = try await start(["autovacuum_freeze_max_age = 2000000000"])
    #expect(try await findings(of: "transaction-id-wraparound", at: old.url()).isEmpty)
    try await onOwnThread {
      try old.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
      let oldest =
        Int(try old.run("SELECT min(datfrozenxid::text::bigint) FROM pg_database").split(separator: "\n")[0]) ?? 0
      // A number at the beginning of a segment of the commit log.
      let next = (oldest + 1_300_000_000) / 1_048_576 * 1_048_576
      try old.control("stop")
      let moved = try old.asServer(["\(old.programs)/pg_resetwal", "-f", "-x", "\(next)", "\(old.directory)/data"])
      #expect(moved.status == 0, "\(moved.text)")
      let segment = String(next / 1_048_576, radix: 16, uppercase: true)
      let file = String(repeating: "0", count: 4 - segment.utf8.count) + segment
      _ = try old.asServer([
        "dd", "if=/dev/zero", "of=\(old.directory)/data/pg_xact/\(file)", "bs=8192", "count=32", "status=none",
      ])
      try old.control("start")
    }
    let found = try await findings(of: "transaction-id-wraparound", at: old.url())
    #expect(Set(found.map(\.severity)) == [.warning], "\(found.map(\.seen))")
    #expect(found.contains { $0.object == FoundObject(.table, "public.t") })
    #expect(found.contains { $0.object == FoundObject(.database, "postgres") })
    let critical = try await findings(
      of: "transaction-id-wraparound", at: old.url(), [("wraparound-critical-percent", 60)])
    #expect(critical.contains { $0.severity == .critical })
    let ours = found.filter { $0.object.name == "postgres" }
    try await cure(ours, on: old, in: "postgres")
    let cured = try await findings(of: "transaction-id-wraparound", at: old.url())
    #expect(cured.allSatisfy { $0.object.kind == .database && $0.object.name != "postgres" }, "\(cured.map(\.seen))")
    try await onOwnThread { try old.control("stop") }
  }

  @Test func multixactsThatRunOut() async throws {
    let old = try await start(["autovacuum_multixact_freeze_max_age = 2000000000"])
    #expect(try await findings(of: "multixact-wraparound", at: old.url()).isEmpty)
    try await onOwnThread {
      let oldest =
        Int(try old.run("SELECT min(datminmxid::text::bigint) FROM pg_database").split(separator: "\n")[0]) ?? 1
      let next = 1_300_000_000 / 65_536 * 65_536
      try old.control("stop")
      let moved = try old.asServer([
        "\(old.programs)/pg_resetwal", "-f", "-m", "\(next),\(oldest)", "\(old.directory)/data",
      ])
      #expect(moved.status == 0, "\(moved.text)")
      let segment = String(next / 65_536, radix: 16, uppercase: true)
      let file = String(repeating: "0", count: max(0, 4 - segment.utf8.count)) + segment
      _ = try old.asServer([
        "dd", "if=/dev/zero", "of=\(old.directory)/data/pg_multixact/offsets/\(file)", "bs=8192", "count=32",
        "status=none",
      ])
      try old.control("start")
    }
    let found = try await findings(of: "multixact-wraparound", at: old.url())
    #expect(found.contains { $0.object == FoundObject(.database, "postgres") && $0.severity == .warning })
    try await cure(found.filter { $0.object.name == "postgres" }, on: old, in: "postgres")
    let cured = try await findings(of: "multixact-wraparound", at: old.url())
    #expect(cured.allSatisfy { $0.object.kind == .database && $0.object.name != "postgres" }, "\(cured.map(\.seen))")
    try await onOwnThread { try old.control("stop") }
  }

  @Test func aDamagedPage() async throws {
    let damaged = try await start([]) { directory, cluster in
      let enabled = try cluster.asServer(["\(cluster.programs)/pg_checksums", "--enable", "-N", "-D", directory])
      // From 18 on they are on from the beginning.
      #expect(enabled.status == 0 || enabled.text.contains("already enabled"), "\(enabled.text)")
    }
    #expect(try await findings(of: "checksum-failures", at: damaged.url()).isEmpty)
    try await onOwnThread {
      let path =
        try damaged.run(
          """
          CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 2000) g;
          CHECKPOINT;
          SELECT pg_relation_filepath('t');
          """
        ).split(separator: "\n").last.map(String.init) ?? ""
      try damaged.control("stop")
      _ = try damaged.asServer([
        "sh", "-c",
        "printf hole | dd of='\(damaged.directory)/data/\(path)' bs=1 seek=10000 conv=notrunc status=none",
      ])
      try damaged.control("start")
      _ = try? damaged.run("SELECT count(*) FROM t")
    }
    try await Task.sleep(for: .milliseconds(500))
    let found = try await findings(of: "checksum-failures", at: damaged.url())
    #expect(found.map(\.severity) == [.critical], "\(found.map(\.seen))")
    #expect(found.first?.object.name == "postgres")
    _ = try await onOwnThread { try damaged.run("SELECT pg_stat_reset(); SELECT pg_sleep(1)") }
    #expect(try await findings(of: "checksum-failures", at: damaged.url()).isEmpty)
    try await onOwnThread { try damaged.control("stop") }
  }
}
