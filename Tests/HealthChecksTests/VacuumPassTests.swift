// A VACUUM caught in its second pass over the indexes.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct VacuumPassTests {
  @Test func aVacuumInItsSecondPass() async throws {
    let cluster = try await onOwnThread { try ScratchCluster.start(ScratchCluster.Options()) }
    let number = try await onOwnThread { try cluster.run("SHOW server_version_num") }
    // From 17 the same memory holds many times as many dead rows.
    let isPacked = (Int(number.prefix { $0.isNumber }) ?? 0) >= 170_000
    _ = try await onOwnThread {
      try cluster.run(
        """
        CREATE TABLE t (a int) WITH (autovacuum_enabled = off, fillfactor = \(isPacked ? 10 : 100));
        INSERT INTO t SELECT generate_series(1, 450000);
        CREATE INDEX ON t (a);
        DELETE FROM t;
        """)
    }
    let id = "multi-pass-vacuum"
    let worker = try await Session.open(ConnectionTarget(url: cluster.url()))
    #expect(try await findings(of: id, at: cluster.url()).allSatisfy { $0.severity < .warning })
    if isPacked {
      try await worker.execute("SET maintenance_work_mem = '64kB'")
    } else {
      try await worker.execute("SET maintenance_work_mem = '1MB'")
    }
    try await worker.execute("SET vacuum_cost_delay = '2ms'")
    try await worker.execute("SET vacuum_cost_limit = 60")
    let vacuum = Task { try await worker.execute("VACUUM t") }
    var found: [Finding] = []
    for _ in 0..<300 where found.isEmpty {
      try await Task.sleep(for: .milliseconds(50))
      found = try await findings(of: id, at: cluster.url()).filter { $0.severity == .warning }
    }
    #expect(found.map(\.fingerprint) == ["multi-pass-vacuum/public.t"], "\(found)")
    // It would go on for long, as slowly as it was made.
    _ = try await onOwnThread {
      try cluster.run("SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum; SELECT pg_sleep(0.5)")
    }
    _ = await vacuum.result
    try await cure(found, on: cluster, in: "postgres")
    _ = try await onOwnThread { try cluster.run("SELECT pg_sleep(0.5); VACUUM t; SELECT pg_sleep(1.2);") }
    #expect(try await findings(of: id, at: cluster.url()).isEmpty)
    let memory = try await onOwnThread { try cluster.run("SHOW maintenance_work_mem") }
    #expect(!memory.hasPrefix("64MB"), "the next one has another memory: \(memory)")
    await worker.close()
    try await onOwnThread { try cluster.control("stop") }
  }
}
