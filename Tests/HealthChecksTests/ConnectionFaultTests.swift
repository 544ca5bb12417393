// Faults of sessions among one another: queues behind DDL, long transactions, locks and connections that are kept.

import Database
import HealthChecks
import Support
import Testing

private func name(in url: String) -> String { String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "") }

@Suite(.needsServer) struct ConnectionFaultTests {
  /// Whoever ends a session sees it a moment longer.
  private func settle() async throws { try await Task.sleep(for: .milliseconds(400)) }

  private func found(
    _ id: String, at url: String, _ limits: [(String, Double)] = []
  ) async throws -> [Finding] {
    try await findings(of: id, at: url, limits).filter { $0.seen.contains(name(in: url)) }
  }

  @Test func whatQueuesBehindDDLIsFound() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int); INSERT INTO t VALUES (1)") { url in
      let target = ConnectionTarget(url: url)
      let limits = [("ddl-wait-s", 0.2)]
      let holder = try await Session.open(target)
      try await holder.execute("BEGIN")
      try await holder.execute("SELECT FROM t")
      let (changing, reading) = (try await Session.open(target), try await Session.open(target))
      let change = Task { try await changing.execute("ALTER TABLE t ADD b int") }
      try await settle()
      // It waits, and nobody behind it.
      #expect(try await found("waiting-ddl", at: url, limits).isEmpty)
      async let read: Void = reading.execute("SELECT FROM t")
      try await settle()
      let queue = try await found("waiting-ddl", at: url, limits)
      #expect(queue.map(\.severity) == [.critical], "\(queue)")
      #expect(queue.first?.figures.contains(Figure("behind", 1)) == true, "\(queue)")
      #expect(queue.first?.figures.contains(Figure("waited_for", "public.t")) == true, "\(queue)")
      #expect(try await found("waiting-ddl", at: url).isEmpty, "it has not waited for ten seconds")
      try await cure(queue, on: ScratchCluster.shared(), in: name(in: url))
      await #expect(throws: DatabaseError.self) { try await change.value }
      try await read
      #expect(try await found("waiting-ddl", at: url, limits).isEmpty)
      for session in [holder, changing, reading] { await session.close() }
    }
  }

  @Test func aTransactionOfManyStatementsIsFound() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let target = ConnectionTarget(url: url)
      let limits = [
        ("transaction-warning-s", 0.5), ("transaction-critical-s", 1_000), ("idle-transaction-warning-s", 0.5),
      ]
      let (working, idling) = (try await Session.open(target), try await Session.open(target))
      for session in [working, idling] {
        try await session.execute("BEGIN")
        try await session.execute("INSERT INTO t VALUES (1)")
      }
      try await Task.sleep(for: .milliseconds(700))
      try await working.execute("INSERT INTO t VALUES (2)")
      let open = try await found("long-transactions", at: url, limits)
      // The other one is idle for as long as it is open: that is idle-in-transaction.
      #expect(open.map(\.severity) == [.warning], "\(open.map(\.seen))")
      #expect(try await found("long-transactions", at: url).isEmpty)
      try await cure(open, on: ScratchCluster.shared(), in: name(in: url))
      try await settle()
      #expect(try await found("long-transactions", at: url, limits).isEmpty)
      for session in [working, idling] { await session.close() }
    }
  }

  @Test func connectionsThatDoNothingAreFound() async throws {
    try await withDatabase { url in
      let role = "idler_\(UInt32.random(in: 0 ... .max))"
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread { try cluster.run("CREATE ROLE \(role) LOGIN") }
      let limits = [("idle-sessions", 4.0), ("idle-session-s", 0.1)]
      var sessions: [Session] = []
      for _ in 0..<4 {
        sessions.append(try await Session.open(ConnectionTarget(url: cluster.url(database: name(in: url), role: role))))
      }
      try await settle()
      let idle = try await findings(of: "idle-sessions", at: url, limits).filter { $0.object.name == role }
      #expect(idle.map(\.severity) == [.info], "\(idle)")
      #expect(idle.first?.figures.contains(Figure("idle", 4)) == true)
      // Few, and not for a day.
      #expect(try await findings(of: "idle-sessions", at: url).filter { $0.object.name == role }.isEmpty)
      if !idle.flatMap(\.remedies).isEmpty { try await cure(idle, on: cluster, in: name(in: url)) }
      for session in sessions { await session.close() }
      try await settle()
      #expect(try await findings(of: "idle-sessions", at: url, limits).filter { $0.object.name == role }.isEmpty)
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(role)") }
    }
  }

  @Test func forgottenAdvisoryLocksAreFound() async throws {
    try await withDatabase { url in
      let target = ConnectionTarget(url: url)
      let (keeping, working, many) = (
        try await Session.open(target), try await Session.open(target), try await Session.open(target)
      )
      try await keeping.execute("SELECT pg_advisory_lock(1)")
      // In a transaction: it will be given back at its end.
      try await working.execute("BEGIN")
      try await working.execute("SELECT pg_advisory_xact_lock(2)")
      try await many.execute("BEGIN")
      try await many.execute("SELECT pg_advisory_xact_lock(k) FROM generate_series(10, 40) AS k")
      try await settle()
      let limits = [("advisory-idle-s", 0.2), ("advisory-locks", 30)]
      let kept = try await found("advisory-locks", at: url, limits)
      #expect(kept.map(\.severity) == [.info, .info], "\(kept.map(\.seen))")
      #expect(kept.first?.figures.contains(Figure("locks", 31)) == true, "\(kept)")
      #expect(try await found("advisory-locks", at: url).isEmpty)
      try await cure(kept, on: ScratchCluster.shared(), in: name(in: url))
      try await settle()
      #expect(try await found("advisory-locks", at: url, limits).isEmpty)
      for session in [keeping, working, many] { await session.close() }
    }
  }

  @Test func sessionsThatEndBadlyAreCounted() async throws {
    let cluster = try ScratchCluster.shared()
    let version = try await onOwnThread { try cluster.run("SHOW server_version_num") }
    // Nothing is counted before.
    guard (Int(version.prefix { $0.isNumber }) ?? 0) >= 140_000 else { return }
    try await withDatabase { url in
      let target = ConnectionTarget(url: url)
      let limits = [("counted-sessions", 3.0)]
      for _ in 0..<4 {
        let session = try await Session.open(target)
        try await session.execute("SELECT 1")
        await session.close()
      }
      try await settle()
      #expect(try await findings(of: "session-ends", at: url, limits).isEmpty)
      for _ in 0..<2 {
        let session = try await Session.open(target)
        _ = try? await session.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        await session.close()
      }
      try await settle()
      let bad = try await findings(of: "session-ends", at: url, limits)
      #expect(bad.map(\.severity) == [.warning], "\(bad)")
      #expect(bad.first?.figures.contains(Figure("killed", 2)) == true, "\(bad)")
      #expect(try await findings(of: "session-ends", at: url).isEmpty, "so few tell nothing")
      let fast = try await findings(of: "session-ends", at: url, limits + [("sessions-per-second", 0.001)])
      #expect(fast.contains { $0.object.name.hasSuffix(" connections") }, "\(fast)")
      // What is counted is counted; it begins anew.
      _ = try await onOwnThread { try cluster.run("SELECT pg_stat_reset()", in: name(in: url)) }
      try await settle()
      #expect(try await findings(of: "session-ends", at: url, limits).isEmpty)
    }
  }

  @Test func whatWorkingSessionsWaitForIsSampled() async throws {
    try await withDatabase { url in
      let target = ConnectionTarget(url: url)
      let holder = try await Session.open(target)
      try await holder.execute("SELECT pg_advisory_lock(7)")
      let waiters = [try await Session.open(target), try await Session.open(target), try await Session.open(target)]
      let waiting = waiters.map { waiter in Task { try await waiter.execute("SELECT pg_advisory_xact_lock(7)") } }
      try await settle()
      let sampled = try await findings(of: "wait-sample", at: url)
      #expect(sampled.contains { $0.object.name == "Lock: advisory" }, "\(sampled)")
      try await holder.execute("SELECT pg_advisory_unlock(7)")
      await holder.close()
      for waiter in waiters { await waiter.close() }
      for task in waiting { _ = await task.result }
      try await settle()
      #expect(try await findings(of: "wait-sample", at: url).filter { $0.object.name == "Lock: advisory" }.isEmpty)
    }
  }

  /// One worker, made slow, with a table to do.
  @Test func autovacuumAtItsLimitIsFound() async throws {
    let cluster = try await onOwnThread {
      var options = ScratchCluster.Options()
      options.settings = [
        "autovacuum = on", "autovacuum_max_workers = 1", "autovacuum_naptime = 1s", "autovacuum_vacuum_cost_limit = 1",
        "autovacuum_vacuum_cost_delay = 20ms", "autovacuum_vacuum_insert_threshold = -1",
      ]
      return try ScratchCluster.start(options)
    }
    let url = cluster.url()
    #expect(try await findings(of: "busy-autovacuum", at: url).isEmpty)
    _ = try await onOwnThread {
      try cluster.run(
        """
        CREATE TABLE t (a int, b text);
        INSERT INTO t SELECT g, repeat('x', 200) FROM generate_series(1, 2500) AS g;
        DELETE FROM t WHERE a % 2 = 0;
        """)
    }
    let limits = [("autovacuum-busy-s", 0.5), ("autovacuum-long-s", 0.5)]
    let deadline = ContinuousClock.now + .seconds(20)
    var busy: [Finding] = []
    while busy.count < 2, ContinuousClock.now < deadline {
      try await Task.sleep(for: .milliseconds(300))
      busy = try await findings(of: "busy-autovacuum", at: url, limits)
    }
    #expect(busy.map(\.severity) == [.warning, .notice], "\(busy)")
    #expect(busy.last?.seen.contains("public.t") == true, "\(busy)")
    // Neither is unusual so soon.
    #expect(try await findings(of: "busy-autovacuum", at: url).isEmpty)
    try await cure(busy, on: cluster, in: "postgres")
    // Before 16 the worker is through with its table first.
    let end = ContinuousClock.now + .seconds(40)
    while !busy.isEmpty, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(500))
      busy = try await findings(of: "busy-autovacuum", at: url, limits)
    }
    #expect(busy.isEmpty, "\(busy)")
    try await onOwnThread { try cluster.control("stop") }
  }

  @Test func settingsOfTimeLogAndCheckpointsAreJudged() async throws {
    let cluster = try await onOwnThread {
      var options = ScratchCluster.Options()
      options.settings = [
        "log_statement = 'all'", "log_hostname = on", "log_lock_waits = off", "log_checkpoints = off",
        "checkpoint_completion_target = 0.3", "checkpoint_timeout = 60s", "wal_sender_timeout = 0",
        "autovacuum_freeze_max_age = 900000000", "autovacuum_naptime = 10min", "autovacuum_max_workers = 5",
      ]
      return try ScratchCluster.start(options)
    }
    let url = cluster.url()
    // A role that has a limit of its own is told; one that lifts what nobody has set is no news.
    _ = try await onOwnThread {
      try cluster.run(
        """
        CREATE ROLE careful; ALTER ROLE careful SET statement_timeout = '5s';
        CREATE ROLE careless; ALTER ROLE careless SET statement_timeout = 0;
        SELECT pg_stat_reset_shared('wal') WHERE current_setting('server_version_num')::int >= 140000;
        CREATE TABLE t AS SELECT g, md5(g::text) FROM generate_series(1, 200000) AS g;
        CREATE TABLE own WITH (autovacuum_vacuum_scale_factor = 0.02) AS SELECT * FROM t;
        ANALYZE;
        """)
    }
    let limits = [("wal-bytes-per-hour", 1_000_000.0), ("vast-rows", 100_000.0)]
    let (log, times, checkpoints) = (
      try await findings(of: "logging-settings", at: url), try await findings(of: "missing-timeouts", at: url),
      try await findings(of: "checkpoint-settings", at: url, limits)
    )
    #expect(log.map(\.object.name) == ["log_statement", "log_hostname", "logging"], "\(log)")
    #expect(log.map(\.severity) == [.warning, .warning, .info])
    #expect(log.last?.seen.contains("log_lock_waits") == true && log.last?.seen.contains("log_checkpoints") == true)
    #expect(
      times.map(\.object.name) == ["idle_in_transaction_session_timeout", "statement_timeout", "wal_sender_timeout"],
      "\(times)")
    #expect(times.allSatisfy { $0.severity == .info })
    #expect(times[1].figures == [Figure("have_their_own", "ROLE careful")], "\(times[1])")
    let old = cluster.isBefore14
    #expect(
      checkpoints.map(\.object.name) == (old ? [] : ["max_wal_size"]) + [
        "checkpoint_completion_target", "checkpoint_timeout",
      ], "\(checkpoints)")
    let vacuum = try await findings(of: "autovacuum-settings", at: url, limits)
    let version = try await onOwnThread { try cluster.run("SHOW server_version_num") }
    let hasCap = (Int(version.prefix { $0.isNumber }) ?? 0) >= 180_000
    #expect(
      vacuum.map(\.object.name) == [
        "autovacuum_freeze_max_age", "autovacuum_naptime", "autovacuum_vacuum_cost_limit",
      ] + (hasCap ? [] : ["autovacuum_vacuum_scale_factor"]), "\(vacuum)")
    #expect(vacuum.map(\.severity).dropFirst().allSatisfy { $0 == .info } && vacuum.first?.severity == .warning)
    #expect(vacuum.flatMap(\.remedies).allSatisfy { !$0.sql.contains("public.own") }, "\(vacuum)")
    try await cure(log + times + checkpoints + vacuum, on: cluster, in: "postgres")
    _ = try await onOwnThread {
      try cluster.run("ALTER SYSTEM SET statement_timeout = '1min'; SELECT pg_reload_conf(); SELECT pg_sleep(0.5)")
    }
    #expect(try await findings(of: "logging-settings", at: url).isEmpty)
    #expect(try await findings(of: "checkpoint-settings", at: url, limits).isEmpty)
    let lifted = try await findings(of: "missing-timeouts", at: url)
    #expect(lifted.map(\.object.name) == ["statement_timeout of ROLE careless"], "\(lifted)")
    try await cure(lifted, on: cluster, in: "postgres")
    #expect(try await findings(of: "missing-timeouts", at: url).isEmpty)
    // One of them waits for a restart.
    try await onOwnThread {
      try cluster.control("stop")
      try cluster.control("start")
    }
    #expect(try await findings(of: "autovacuum-settings", at: url, limits).isEmpty)
    try await onOwnThread { try cluster.control("stop") }
  }
}

extension ScratchCluster {
  fileprivate var isBefore14: Bool {
    let version = (try? run("SHOW server_version_num")) ?? ""
    return (Int(version.prefix { $0.isNumber }) ?? 0) < 140_000
  }
}
