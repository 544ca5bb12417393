// The size model against B-trees that PostgreSQL has really built.

import Database
import Support
import Testing

@testable import IndexTuner

@Suite struct IndexSizeModelTests {
  /// Keys of every kind of width and repetition: unique, few values, skewed, with NULLs, and a pair that depends.
  private static let schema = """
    SELECT setseed(0.17);
    CREATE TABLE t AS SELECT n AS id, n::bigint * 7 AS big, (n % 20)::smallint AS small,
      (random() * 20000)::int AS medium, (random() * 200000)::int AS large,
      CASE WHEN random() < 0.6 THEN (random() * 5000)::int END AS holes, md5((n % 30000)::text) AS word,
      (random() * 1000)::numeric(12, 2) AS amount, random() AS real, date '2020-01-01' + (random() * 2000)::int AS day,
      timestamptz '2020-01-01 00:00+00' + n * interval '1 minute' AS at, (n % 4000) AS customer,
      (n % 4000) / 100 AS region, CASE n % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'sent' END AS status,
      md5(n::text)::uuid AS token
    FROM generate_series(1, 200000) AS n;
    CREATE STATISTICS pair (ndistinct) ON customer, region FROM t;
    VACUUM ANALYZE t;
    """

  private static let keys = [
    ["id"], ["big"], ["small"], ["medium"], ["large"], ["holes"], ["word"], ["amount"], ["real"], ["day"], ["at"],
    ["customer"], ["status"], ["token"], ["customer", "region"], ["small", "id"], ["medium", "day"], ["status", "day"],
    ["day", "status"], ["holes", "small"], ["word", "id"], ["amount", "id"], ["id", "status"], ["status", "large"],
  ]

  @Test(.needsServer)
  func sizesAreThoseOfBuiltIndexes() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let built = try await onOwnThread { () -> [Int64] in
        let script = Self.keys.enumerated().map { number, keys in
          "CREATE INDEX i\(number) ON t (\(keys.joined(separator: ", "))); SELECT pg_relation_size('i\(number)');"
        }.joined(separator: "\n")
        let psql = try ScratchCluster.shared().psql
        let text = try requireCommand([psql, "-XqAt", "-d", url, "-f", "-"], input: script)
        return text.split(separator: "\n").compactMap { Int64($0) }
      }
      #expect(built.count == Self.keys.count)
      let session = try await Session.open(ConnectionTarget(url: url))
      let catalog = try await session.catalog(naming: ["t"])
      let relation = try #require(catalog.relations.values.first { $0.name == "t" })
      let storage = try await TableStorage.read(on: session, tables: [relation.id])
      let model = IndexSizeModel(catalog: catalog, storage: storage)
      var misses = 0
      for (keys, bytes) in zip(Self.keys, built) {
        let index = IndexDefinition(on: relation, keys: keys.map { .init($0) })
        let estimate = try #require(model.bytes(of: index))
        let ratio = Double(estimate) / Double(bytes)
        if abs(ratio - 1) > 0.05 { misses += 1 }
        #expect((0.9...1.1).contains(ratio), "\(keys): \(estimate) for \(bytes), \(ratio)")
      }
      #expect(misses <= 2)
      await session.close()
    }
  }

  @Test func anIndexWithoutStatisticsHasNoSize() {
    let relation = Relation(
      id: 1, schema: "public", name: "t", kind: .table, columns: [Column(name: "a", number: 1, typeName: "integer")],
      rowEstimate: 1_000)
    let storage = TableStorage(columns: [1: ["a": ColumnStorage(length: 4, alignment: 4, canDeduplicate: true)]])
    let model = IndexSizeModel(catalog: Catalog([relation]), storage: storage)
    #expect(model.bytes(of: IndexDefinition(on: relation, keys: [.init("a")])) == nil)
  }
}
