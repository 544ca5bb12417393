// Bloat that is measured: what an estimate finds gives way to what pgstattuple sees.

import Database
import HealthChecks
import JSON
import Support
import Testing

@Suite(.needsServer) struct ExactTests {
  private func result(_ id: String, at url: String, _ limits: Limits, isExact: Bool) async throws -> Checkup.Result {
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await Checkup(allChecks.filter { $0.id == id }, limits: limits, isExact: isExact).run(on: session)
    await session.close()
    return result
  }

  @Test(arguments: ["bloated-tables", "bloated-indexes"])
  func whatAnEstimateFindsIsMeasured(id: String) async throws {
    let fixture = try #require(CheckFixture(id, "sick.sql"))
    try await withDatabase(schema: fixture.sql) { url in
      let database = String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
      func run(_ sql: String) async throws {
        _ = try await onOwnThread { try ScratchCluster.shared().run(sql, in: database) }
      }
      let estimated = try await result(id, at: url, fixture.limits, isExact: false)
      let blind = try await result(id, at: url, fixture.limits, isExact: true)
      #expect(blind.findings == estimated.findings)
      #expect(blind.outcomes[0].omissions.contains { $0.contains("CREATE EXTENSION pgstattuple") })
      try await run("CREATE EXTENSION pgstattuple")
      let measured = try await result(id, at: url, fixture.limits, isExact: true)
      #expect(measured.findings.map(\.fingerprint) == estimated.findings.map(\.fingerprint))
      #expect(measured.findings.allSatisfy { $0.notes[0].hasPrefix("measured by pgstat") }, "\(measured.findings)")
      #expect(measured.outcomes[0].omissions.isEmpty)
      for (left, right) in zip(measured.findings, estimated.findings) {
        let (seen, guessed) = (left.share ?? 0, right.share ?? 100)
        #expect(abs(seen - guessed) < 15, "\(seen) % and not \(guessed) %")
      }
    }
  }

  /// The statistics are wrong, and the table is full.
  @Test(arguments: ["bloated-tables", "bloated-indexes"])
  func aWrongEstimateIsNotReported(id: String) async throws {
    let schema = """
      CREATE EXTENSION pgstattuple;
      CREATE TABLE t (a int, b text) WITH (autovacuum_enabled = off);
      INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 100000) AS g;
      CREATE INDEX t_b ON t (b);
      VACUUM ANALYZE t;
      UPDATE pg_class SET reltuples = reltuples / 10 WHERE relname IN ('t', 't_b');
      """
    let limits = Limits(changed: ["bloat-bytes": 1_000_000])
    try await withDatabase(schema: schema) { url in
      #expect(try await result(id, at: url, limits, isExact: false).findings.count == 1)
      let measured = try await result(id, at: url, limits, isExact: true)
      #expect(measured.findings.isEmpty, "\(measured.findings.map(\.seen))")
      #expect(measured.outcomes.map(\.status) == [.lookedAt])
    }
  }
}

extension Finding {
  fileprivate var share: Double? { figures.first { $0.name == "wasted_share" }?.value.double }
}
