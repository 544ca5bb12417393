// What a replica reads is not unused, and what nobody knows of a replica is not either.

import Advisor
import Database
import HealthChecks
import Support
import Testing

@Suite(.needsServer) struct DroppableIndexesTests {
  private static let schema = """
    CREATE TABLE t (a int, b int);
    INSERT INTO t SELECT g, g FROM generate_series(1, 20000) g;
    CREATE INDEX t_a ON t (a);
    CREATE INDEX "T b" ON t (b);
    ANALYZE t;
    """

  private func finding(_ check: String, _ name: String) -> Finding {
    Finding(check: check, severity: .notice, object: FoundObject(.index, name), seen: "", why: "")
  }

  @Test func replicasAreAskedBeforeAnIndexIsCalledUnused() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let database = String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
      try ScratchCluster.shared().run("SET enable_seqscan = off; SELECT * FROM t WHERE b = 5", in: database)
      let findings = [
        finding("unused-indexes", "public.t_a"), finding("unused-indexes", "public.\"T b\""),
        finding("duplicate-indexes", "public.t_c"),
      ]
      let replica = ConnectionTarget(url: url)
      let asked = await DroppableIndexes.asked([replica], about: findings)
      #expect(asked.findings.map(\.object.name) == ["public.t_a", "public.t_c"])
      #expect(asked.remarks == ["kept because a replica reads them: public.\"T b\""])
      let nowhere = ConnectionTarget(url: "postgresql://nobody@/nowhere?host=/nonexistent")
      let doubtful = await DroppableIndexes.asked([replica, nowhere], about: findings)
      #expect(doubtful.findings.map(\.object.name) == ["public.t_c"])
      #expect(doubtful.remarks.contains { $0.hasPrefix("replica 2 could not be asked") })
      #expect(await DroppableIndexes.asked([], about: findings).findings.count == 3)
    }
  }
}
