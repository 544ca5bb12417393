// A server that replays WAL and writes nothing: all that we ask works there too.

import Database
import Support
import Testing

@Suite(.needsServer) struct ReplicaTests {
  /// A cluster that was filled and then put into recovery for good.
  private static func replica() throws -> ScratchCluster {
    let cluster = try ScratchCluster.start(ScratchCluster.Options())
    try cluster.run("CREATE DATABASE shop")
    try cluster.run(
      """
      SELECT format('CREATE EXTENSION %I', name) FROM pg_available_extensions
      WHERE name IN ('hypopg', 'pg_stat_statements') \\gexec
      CREATE TABLE t AS SELECT i AS a, i % 1000 AS b FROM generate_series(1, 50000) AS i;
      ANALYZE t;
      """, in: "shop")
    try cluster.control("stop")
    _ = try cluster.asServer(["touch", "\(cluster.directory)/data/standby.signal"])
    try cluster.control("start")
    return cluster
  }

  @Test func everythingIsAskedOfAReplica() async throws {
    let cluster = try await onOwnThread { try Self.replica() }
    let session = try await Session.open(ConnectionTarget(url: cluster.url(database: "shop")))
    #expect(session.server.isInRecovery)
    let indexes = try await session.readOnly { session in
      let catalog = try await session.catalog(naming: ["t"])
      let table = try #require(catalog.relation(schema: "public", name: "t", searchPath: []))
      #expect(table.rowEstimate == 50_000)
      let key = ColumnKey(table: table.id, column: "b")
      #expect(try await session.columnValues(of: [key])[key]?.histogram.isEmpty == false)
      guard case .installed = session.server.hypopg else { return ["btree_t_b"] }
      let results = try await session.run([
        .statement("SELECT hypopg_create_index($1)", ["CREATE INDEX ON t (b)"]),
        .plan(PlanRequest(planning: "SELECT * FROM t WHERE b = 7")), .statement("SELECT hypopg_reset()", []),
      ])
      // HypoPG takes numbers of its own from 1.2 on; before, the server gives none away in recovery.
      if case .failure(let error) = results[0], case .installed(_, let version) = session.server.hypopg,
        version.hasPrefix("1.0") || version.hasPrefix("1.1")
      {
        #expect(error.message.contains("recovery"), "\(error)")
        return ["btree_t_b"]
      }
      return PlanSummary(scanning: try results[1].get().rows[0][0] ?? [])?.indexNames ?? []
    }
    #expect(indexes.count == 1 && indexes.first?.contains("btree_t_b") == true)
    if case .installed = session.server.statStatements {
      _ = try await session.statementStatistics(StatementThresholds())
    }
    let analyzed = try await session.analyze(
      AnalyzeRequest(running: "SELECT count(*) FROM t"), statementTimeout: .seconds(30))
    #expect(analyzed.root.actualRows == 1)
    await session.close()
  }
}
