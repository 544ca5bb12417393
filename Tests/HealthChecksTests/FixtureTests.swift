// Every check against a live server: the planted fault is found, its own remedy cures it, and healthy twins stay silent.

import Database
import HealthChecks
import Support
import Testing

/// A file of `Fixtures/checks/<id>/`: SQL for psql, with comments in front that say what is expected.
struct CheckFixture: CustomTestStringConvertible {
  let id: String
  let sql: String
  var limits = Limits()
  /// `warning fingerprint`.
  var expected: [String] = []
  /// A question whose answer is `t` where this server can have the fault at all.
  var condition: String?
  let cure: String

  init?(_ id: String, _ file: String) {
    guard let text = contents(of: packageFile("Fixtures/checks/\(id)/\(file)")) else { return nil }
    (self.id, sql) = (id, text)
    cure = contents(of: packageFile("Fixtures/checks/\(id)/cure.sql")) ?? ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("-- limit: ") {
        let parts = line.dropFirst("-- limit: ".count).split(separator: "=").map(String.init)
        if parts.count != 2 || !limits.set(parts[0], to: Double(parts[1]) ?? -1) {
          Issue.record("no such limit: \(line)")
        }
      }
      if line.hasPrefix("-- where: ") { condition = String(line.dropFirst("-- where: ".count)) }
      if line.hasPrefix("-- expect: ") { expected.append(String(line.dropFirst("-- expect: ".count))) }
    }
  }

  var testDescription: String { id }
}

/// Planted in `ClusterFaultTests`, `SessionFaultTests`, `ConnectionFaultTests` and `UpgradeFaultTests`: they need more than one database.
let plantedElsewhere: Set<String> = [
  "transaction-id-wraparound", "multixact-wraparound", "checksum-failures", "archiver-failing", "replica-lag",
  "standby-lag", "connection-usage", "blocked-sessions", "idle-in-transaction", "long-running-queries",
  "prepared-transactions", "xmin-horizon", "pending-restart", "tuning-values", "unencrypted-connections",
  "detach-pending", "configuration-errors",
  "requested-checkpoints", "old-temporary-tables", "archive-backlog", "replica-conflicts", "evicted-statements",
  "host-authentication", "server-version", "deadlocks", "lock-table",
  "wal-directory", "replication-capacity",
  "waiting-ddl", "long-transactions", "idle-sessions", "advisory-locks", "session-ends", "wait-sample",
  "busy-autovacuum", "missing-timeouts", "logging-settings", "checkpoint-settings",
  "autovacuum-settings", "prepared-before-upgrade", "slots-before-upgrade", "subscriptions-before-upgrade",
]

private let fixtureIDs = allChecks.map(\.id).filter { !plantedElsewhere.contains($0) }

/// What the tests' own cluster is guilty of: it is never durable and has no autovacuum.
private let clusterFaults: Set<String> = [
  "autovacuum-disabled/autovacuum", "dangerous-settings/fsync", "dangerous-settings/full_page_writes",
]

@Suite(.needsServer) struct FixtureTests {
  private func outcome(
    of id: String, at url: String, _ limits: Limits
  ) async throws -> (found: [Finding], status: CheckOutcome.Status?) {
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup(allChecks.filter { $0.id == id }, limits: limits).run(on: session)
    await session.close()
    return (result.findings.filter { !clusterFaults.contains($0.fingerprint) }, result.outcomes.first?.status)
  }

  @Test(arguments: fixtureIDs)
  func thePlantedFaultIsFoundAndItsRemedyCures(id: String) async throws {
    let fixture = try #require(CheckFixture(id, "sick.sql"), "no Fixtures/checks/\(id)/sick.sql")
    try #require(!fixture.expected.isEmpty, "nothing is expected")
    guard try await isPossible(fixture) else { return }
    try await withDatabase(schema: fixture.sql) { url in
      let database = url.prefix { $0 != "?" }.split(separator: "/").last ?? ""
      let expected = fixture.expected.map { $0.split(separator: "{database}", omittingEmptySubsequences: false) }
        .map { $0.joined(separator: String(database)) }
      try await settleStatistics()
      let sick = try await outcome(of: id, at: url, fixture.limits)
      #expect(sick.status == .lookedAt)
      let found = sick.found.map { "\($0.severity.rawValue) \($0.fingerprint)" }
      #expect(expected.allSatisfy { wanted in found.contains { Self.matches($0, wanted) } }, "\(found)")
      #expect(found.allSatisfy { one in expected.contains { Self.matches(one, $0) } }, "\(found)")
      let again = try await outcome(of: id, at: url, fixture.limits)
      #expect(again.found.map(\.fingerprint) == sick.found.map(\.fingerprint))
      let remedies = sick.found.flatMap(\.remedies).map(\.sql)
      #expect(!remedies.isEmpty || !fixture.cure.isEmpty, "neither a remedy nor a cure.sql")
      let script = (remedies + [fixture.cure]).joined(separator: "\n")
      _ = try await onOwnThread { try ScratchCluster.shared().run(script, in: String(database)) }
      try await settleStatistics()
      let cured = try await outcome(of: id, at: url, fixture.limits)
      #expect(cured.found.isEmpty, "\(cured.found.map(\.seen)) after \(script)")
    }
  }

  private func isPossible(_ fixture: CheckFixture) async throws -> Bool {
    guard let condition = fixture.condition else { return true }
    return try await onOwnThread { try ScratchCluster.shared().run(condition).hasPrefix("t") }
  }

  /// Numbers that the server chooses stand as `*`.
  /// Severities that depend on the server's version stand as `warning|notice`.
  private static func matches(_ found: String, _ wanted: String) -> Bool {
    let (severities, place) = (wanted.prefix { $0 != " " }, wanted.drop { $0 != " " })
    return severities.split(separator: "|").contains { severity in
      place.hasSuffix("*") ? found.hasPrefix(severity + place.dropLast()) : found == severity + place
    }
  }

  @Test(arguments: fixtureIDs)
  func aHealthyTwinIsSilent(id: String) async throws {
    let fixture = try #require(CheckFixture(id, "healthy.sql"), "no Fixtures/checks/\(id)/healthy.sql")
    guard try await isPossible(fixture) else { return }
    try await withDatabase(schema: fixture.sql) { url in
      try await settleStatistics()
      let (found, status) = try await outcome(of: id, at: url, fixture.limits)
      #expect(status == .lookedAt)
      #expect(found.isEmpty, "\(found.map(\.seen))")
    }
  }

  @Test func everyCheckIsPlantedSomewhere() {
    let ids = Set(allChecks.map(\.id))
    #expect(plantedElsewhere.isSubset(of: ids))
    #expect(ids.count == allChecks.count)
    for check in allChecks {
      #expect(!check.about.why.isEmpty && !check.about.rule.isEmpty)
    }
  }
}
