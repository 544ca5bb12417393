// The values PostgreSQL sampled, and the planner's settings.

import Database
import Support
import Testing

@Suite(.needsServer) struct ColumnValuesTests {
  @Test func valuesComeBackAsTheyAreStored() async throws {
    let schema = """
      CREATE TABLE t (name text, odd text, days int[], n int, never int);
      INSERT INTO t SELECT CASE WHEN i % 2 = 0 THEN 'O''Brien' ELSE 'x''; DELETE FROM t; --' END,
        CASE WHEN i % 4 = 0 THEN 'a,"b\\{}' ELSE 'NULL' END, ARRAY[i % 2, 7], i FROM generate_series(1, 2000) AS i;
      ANALYZE t (name, odd, days, n);
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let table = try #require(try await session.catalog(naming: ["t"]).relations.keys.first)
      func key(_ column: String) -> ColumnKey { ColumnKey(table: table, column: column) }
      let values = try await session.columnValues(of: ["name", "odd", "days", "n", "never", "no such"].map(key))
      #expect(Set(values[key("name")]?.mostCommon ?? []) == ["O'Brien", "x'; DELETE FROM t; --"])
      #expect(values[key("name")]?.frequencies == [0.5, 0.5])
      #expect(values[key("odd")]?.mostCommon == ["NULL", "a,\"b\\{}"])
      #expect(Set(values[key("days")]?.mostCommon ?? []) == ["{0,7}", "{1,7}"])
      let bounds = try #require(values[key("n")]?.histogram)
      #expect(bounds.count == 101 && bounds.first == "1" && bounds.last == "2000")
      #expect(bounds.compactMap { Int($0) } == bounds.compactMap { Int($0) }.sorted())
      #expect(values[key("never")] == nil && values[key("no such")] == nil)
      #expect(try await session.columnValues(of: []).isEmpty)
      await session.close()
    }
  }

  @Test func aParentBorrowsFromItsLargestPartition() async throws {
    let schema = """
      CREATE TABLE m (k int, v text) PARTITION BY LIST (k);
      CREATE TABLE small PARTITION OF m FOR VALUES IN (1); CREATE TABLE large PARTITION OF m FOR VALUES IN (2);
      INSERT INTO m SELECT 1, 'small' FROM generate_series(1, 10); INSERT INTO m SELECT 2, 'large' FROM generate_series(1, 1000);
      ANALYZE small; ANALYZE large;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let catalog = try await session.catalog(naming: ["m"])
      let parent = try #require(catalog.relation(schema: "public", name: "m", searchPath: []))
      let key = ColumnKey(table: parent.id, column: "v")
      #expect(try await session.columnValues(of: [key])[key]?.mostCommon == ["large"])
      try await session.execute("ANALYZE m")
      #expect(try await session.columnValues(of: [key])[key]?.mostCommon == ["large", "small"])
      await session.close()
    }
  }

  @Test func aRoleWithoutLeaveSeesNoValues() async throws {
    try await withDatabase(
      schema: "CREATE TABLE t (a int); INSERT INTO t SELECT 1 FROM generate_series(1, 9); ANALYZE t"
    ) {
      url in
      let admin = try await Session.open(ConnectionTarget(url: url))
      let cluster = try ScratchCluster.shared()
      let role = "\(admin.server.database)_plain"
      try cluster.run("CREATE ROLE \(role) LOGIN")
      let plain = try await Session.open(
        ConnectionTarget(url: cluster.url(database: admin.server.database, role: role)))
      let catalog = try await plain.catalog(naming: ["t"])
      let table = try #require(catalog.relations.values.first)
      #expect(table.rowEstimate == 9)
      #expect(table.column("a")?.distinctValues == nil)
      let key = ColumnKey(table: table.id, column: "a")
      #expect(try await plain.columnValues(of: [key]).isEmpty)
      #expect(try await admin.columnValues(of: [key])[key]?.mostCommon == ["1"])
      await plain.close()
      await admin.close()
      try cluster.run("DROP ROLE \(role)")
    }
  }

  @Test func plannerSettingsHaveUnits() async throws {
    try await withDatabase(
      schema: "ALTER DATABASE :\"DBNAME\" SET effective_cache_size = '3GB'; ALTER DATABASE :\"DBNAME\" SET jit = on"
    ) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let settings = try await session.plannerSettings()
      #expect(settings.effectiveCacheSize == 3 << 30 && settings.blockSize == 8192)
      #expect(settings.randomPageCost == 4 && settings.sequentialPageCost == 1 && settings.usesJIT)
      await session.close()
    }
  }
}
