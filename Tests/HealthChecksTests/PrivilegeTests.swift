// The same server seen by three roles: no error, and what is hidden is said.

import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct PrivilegeTests {
  private func result(as role: String?, in database: String) async throws -> Checkup.Result {
    let url = try ScratchCluster.shared().url(database: database, role: role)
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup().run(on: session)
    await session.close()
    return result
  }

  /// Ids of the checks that were kept out, or kept from a part.
  private func blind(_ result: Checkup.Result) -> Set<String> {
    Set(
      result.outcomes.compactMap { outcome in
        if case .notLookedAt = outcome.status { return outcome.id }
        return outcome.omissions.isEmpty ? nil : outcome.id
      })
  }

  @Test func eachRoleIsToldWhatItDoesNotSee() async throws {
    let schema = "CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES; ANALYZE t;"
    try await withDatabase(schema: schema) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      let number = UInt32.random(in: 0 ... .max)
      let (plain, monitor) = ("plain_\(number)", "monitor_\(number)")
      let cluster = try ScratchCluster.shared()
      _ = try await onOwnThread {
        try cluster.run(
          "CREATE ROLE \(plain) LOGIN; CREATE ROLE \(monitor) LOGIN; GRANT pg_monitor TO \(monitor)", in: database)
      }
      let asSuperuser = blind(try await result(as: nil, in: database))
      let asMonitor = try await result(as: monitor, in: database)
      let asPlain = try await result(as: plain, in: database)
      let sessions: Set<String> = [
        "blocked-sessions", "idle-in-transaction", "long-running-queries", "xmin-horizon", "standby-lag",
        "unencrypted-connections",
      ]
      #expect(asSuperuser.isDisjoint(with: sessions))
      #expect(blind(asMonitor).isDisjoint(with: sessions))
      #expect(blind(asMonitor).isSuperset(of: ["bloated-indexes", "sequence-exhaustion"]))
      #expect(blind(asPlain).isSuperset(of: sessions.union(["bloated-indexes", "sequence-exhaustion"])))
      #expect(asSuperuser.isDisjoint(with: ["bloated-indexes", "sequence-exhaustion"]))
      // Nothing was refused by the server itself: what we may not ask we do not ask.
      for outcome in asMonitor.outcomes + asPlain.outcomes {
        if case .notLookedAt(let reason) = outcome.status {
          #expect(!reason.contains("permission denied"), "\(outcome.id)")
        }
      }
      #expect(asPlain.surroundings.tier.contains("no pg_monitor"))
      _ = try await onOwnThread { try cluster.run("DROP ROLE \(plain); DROP ROLE \(monitor)", in: database) }
    }
  }

  /// A table that somebody has locked holds up no check for long.
  @Test func aLockedTableHoldsUpNobody() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX ON t (a)") { url in
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute("BEGIN")
      try await other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
      let session = try await Session.open(ConnectionTarget(url: url))
      let began = ContinuousClock.now
      let result = try await Checkup().run(on: session)
      #expect(ContinuousClock.now - began < .seconds(5))
      for outcome in result.outcomes {
        if case .notLookedAt(let reason) = outcome.status {
          #expect(reason.contains("usage has been counted"), "\(outcome.id): \(reason)")
        }
      }
      await session.close()
      await other.close()
    }
  }

  /// Asked behind all others but those of sequences, which are asked at the very end.
  @Test func noLockIsStrongerThanAccessShare() async throws {
    try await withDatabase(schema: "CREATE TABLE t (id serial PRIMARY KEY, a int); CREATE INDEX ON t (a)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let result = try await Checkup(allChecks + [OwnLocks()]).run(on: session)
      await session.close()
      #expect(result.outcomes.last?.status == .lookedAt)
      #expect(result.findings.filter { $0.check == "own-locks" }.map(\.seen) == ["AccessShareLock"])
    }
  }

  @Test func aCheckThatFailsIsAnOutcome() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let result = try await Checkup([BrokenCheck(), WorkingCheck()]).run(on: session)
      await session.close()
      #expect(result.outcomes.map(\.status) == [.notLookedAt("division by zero"), .lookedAt])
      #expect(result.findings.map(\.fingerprint) == ["working/one"])
    }
  }
}

private struct BrokenCheck: HealthCheck {
  let id = "broken"
  let about = CheckDescription(.server, "Broken", why: "It fails.", rule: "Never.")
  struct Row: Decodable, Sendable { let a: Int64 }
  func question(for server: ServerInfo) -> SQL? { "SELECT 1 / 0 AS \"a\"" }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] { [] }
}

private struct WorkingCheck: HealthCheck {
  let id = "working"
  let about = CheckDescription(.server, "Working", why: "It works.", rule: "Always.")
  struct Row: Decodable, Sendable { let a: Int64 }
  func question(for server: ServerInfo) -> SQL? { "SELECT 1 AS \"a\"" }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      Finding(
        check: id, severity: .info, object: FoundObject(.server, "one"), seen: "\(row.a)", why: about.why, figures: [],
        remedies: [], notes: [], since: nil)
    }
  }
}

private struct OwnLocks: HealthCheck {
  let id = "own-locks"
  let about = CheckDescription(.server, "Own locks", why: "They are seen.", rule: "Always.")
  struct Row: Decodable, Sendable { let mode: String }
  func question(for server: ServerInfo) -> SQL? {
    """
    SELECT DISTINCT l.mode AS "mode" FROM pg_locks AS l WHERE l.pid = pg_backend_pid() AND l.locktype <> 'virtualxid'
    """
  }
  func judge(_ rows: [Row], _ surroundings: Surroundings, _ limits: Limits) -> [Finding] {
    rows.map { row in
      Finding(
        check: id, severity: .info, object: FoundObject(.server, row.mode), seen: row.mode, why: about.why)
    }
  }
}
