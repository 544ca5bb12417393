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
      md5(n::text)::uuid AS token, 'Customer#' || lpad(n::text, 9, '0') AS name,
      (10 + n % 25) || '-' || (100 + n % 899) || '-' || (100 + n % 797) || '-' || (1000 + n % 8999) AS phone,
      round((random() * 104000 + 900)::numeric, 2) AS price, (random() * 70000)::int AS buyer,
      repeat('x', (random() * 200)::int) || n AS remark
    FROM generate_series(1, 200000) AS n;
    CREATE STATISTICS pair (ndistinct) ON customer, region FROM t;
    VACUUM ANALYZE t;
    """

  private static let keys = [
    ["id"], ["big"], ["small"], ["medium"], ["large"], ["holes"], ["word"], ["amount"], ["real"], ["day"], ["at"],
    ["customer"], ["status"], ["token"], ["customer", "region"], ["small", "id"], ["medium", "day"], ["status", "day"],
    ["day", "status"], ["holes", "small"], ["word", "id"], ["amount", "id"], ["id", "status"], ["status", "large"],
    ["phone"], ["name", "phone", "small"], ["price"], ["buyer"], ["remark"], ["small", "remark", "big"],
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
      let indexes = Self.keys.map { keys in IndexDefinition(on: relation, keys: keys.map { .init($0) }) }
      let storage = try await TableStorage.read(on: session, for: indexes, in: catalog)
      let model = IndexSizeModel(catalog: catalog, storage: storage)
      var misses = 0
      for ((keys, index), bytes) in zip(zip(Self.keys, indexes), built) {
        let estimate = try #require(model.bytes(of: index))
        let ratio = Double(estimate) / Double(bytes)
        if abs(ratio - 1) > 0.05 { misses += 1 }
        #expect((0.93...1.07).contains(ratio), "\(keys): \(estimate) for \(bytes), \(ratio)")
      }
      #expect(misses == 0)
      await session.close()
    }
  }

  /// A sample takes a tenth of a second: with little time statistics have to do.
  @Test(.needsServer)
  func samplesAreAsManyAsThereIsTimeFor() async throws {
    #expect(Limits().sampling(within: Patience(deadline: .now + .seconds(5))).samples == 3)
    #expect(Limits().sampling(within: Patience(deadline: .now + .seconds(1))).samples == 0)
    #expect(Limits().sampling(within: Patience()).samples == Limits().samples)
    let schema = """
      CREATE TABLE t AS SELECT g % 5000 AS customer, g % 5000 / 7 AS region FROM generate_series(1, 100000) AS g;
      VACUUM ANALYZE t;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let catalog = try await session.catalog(naming: ["t"])
      let relation = try #require(catalog.relations.values.first { $0.name == "t" })
      let index = IndexDefinition(on: relation, keys: [.init("customer"), .init("region")])
      for (samples, source) in [(0, SizeSource.statistics), (1, .sample)] {
        var limits = Limits()
        limits.samples = samples
        let bounds = limits
        let model = try await session.readOnly(ReadOnlyLimits()) { _ in
          try await IndexSizeModel.read(on: session, for: [index], in: catalog, limits: bounds)
        }
        #expect(model.source(of: index) == source, "\(samples) samples")
      }
      await session.close()
    }
  }

  /// 141,176 rows fell on customers by chance; 60,390 of these have one. ANALYZE said .3256 of 144,067.
  @Test func valuesWithFewRowsAreMissedMoreOften() {
    let some = DistinctCount(rows: 141_176, sampled: 29_400)
    #expect(abs(some.corrected(46_911) / 60_390 - 1) < 0.07)
    // Thirty rows each: hardly any is missed. All different: nothing to add. All rows counted: nothing to guess.
    #expect(abs(DistinctCount(rows: 6e6, sampled: 30_000).corrected(193_227) / 200_000 - 1) < 0.01)
    #expect(DistinctCount(rows: 1_000_000, sampled: 30_000).corrected(1_000_000) == 1_000_000)
    #expect(DistinctCount(rows: 20_000, sampled: 20_000).corrected(900) == 900)
  }

  /// Two samples of 12 million rows: keys of five rows each, far from each other; keys whose rows are together.
  @Test func repeatedKeysOfASampleAreToldFromChance() throws {
    let far = try #require(DistinctSample("30000,30000,29809,29618,191,190,0"))
    let like = [KeyRepetition(keys: 2.4e6, rate: 5)]
    let other = [KeyRepetition(keys: 4.8e6, rate: 2.5)]
    #expect(far.distinct(of: 12e6, unlike: like) == nil)
    let between = try #require(far.distinct(of: 12e6, unlike: other)) * -12e6
    #expect(between > 2.4e6 && between < 4e6)
    // 560 blocks of 53 rows, four for each key: the first and the last key of a block are in two of them.
    let together = try #require(DistinctSample("29680,7840,7836,7832,4,560,4"))
    let few = [KeyRepetition(keys: 400_000, rate: 15)]
    #expect(abs(try #require(together.distinct(of: 6e6, unlike: few)) * -6e6 / 1.5e6 - 1) < 0.02)
  }

  /// A film's facts: a few words again and again, and what is said of one film only. ANALYZE counted 46,595 different ones
  /// of 920,838; the singles and the doubles of a sample tell.
  @Test func whatIsFrequentDoesNotHideWhatIsRare() throws {
    let facts = try #require(DistinctSample("54259,39593,33543,33338,19,363,9"))
    let said = [KeyRepetition(keys: 42, rate: 13_000), KeyRepetition(keys: 46_553, rate: 20)]
    #expect(abs(try #require(facts.distinct(of: 1.5e6, unlike: said)) * -1.5e6 / 920_838 - 1) < 0.03)
  }

  @Test func widthsAndTheirOrderMakeTheTuple() {
    let number = Column(name: "n", number: 1, typeName: "bigint")
    let text = Column(name: "t", number: 2, typeName: "text", averageWidth: 16)
    let eight = ColumnStorage(length: 8, alignment: 8, canDeduplicate: true)
    var sixteen = ColumnStorage(length: -1, alignment: 4, canDeduplicate: true)
    let part = ValueWidths.Part(place: 0, share: 1, width: 16, isEven: true)
    sixteen.widths = ColumnWidths(common: [], others: [part])
    var key = KeyBytes(hasNulls: false)
    key.append(text, sixteen)
    #expect(key.tuple == 24 && key.isEven)
    // Five and nine bytes, alike: behind them a bigint begins at 16 or at 24.
    let five = ValueWidths.Part(place: 5, share: 0.5, width: 5, isEven: true)
    let nine = ValueWidths.Part(place: 1, share: 0.5, width: 9, isEven: true)
    sixteen.widths = ColumnWidths(common: [five], others: [nine])
    key = KeyBytes(hasNulls: false)
    key.append(Column(name: "t", number: 2, typeName: "text", averageWidth: 7), sixteen)
    key.append(number, eight)
    #expect(key.tuple == 28 && !key.isEven)
    key = KeyBytes(hasNulls: false)
    key.append(Column(name: "t", number: 2, typeName: "text", averageWidth: 7), sixteen, isCommon: true)
    key.append(number, eight)
    #expect(key.tuple == 24)
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
