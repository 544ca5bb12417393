// How many different keys several columns have together: counted in a few blocks of the table, within a time limit.

import Database

/// Statistics know each column alone; whether two depend on each other is in the rows only. Reads at most
/// `Limits.sampledRows` rows of whole blocks, never writes, and gives up quietly: then columns count as independent.
struct DistinctSampling {
  private let session: Session
  private let limits: Limits

  init(on session: Session, limits: Limits) {
    self.session = session
    self.limits = limits
  }

  /// Columns of one table.
  struct Group: Hashable {
    let table: RelationID
    let columns: Set<String>
  }

  struct Doubt {
    let group: Group
    /// How the keys come if no column depends on another and rows of one key are anywhere.
    let independent: [KeyRepetition]
    /// Bytes that hang on it.
    let weight: Int64
  }

  /// What matters most comes first. As `pg_stats.n_distinct`, of rows without NULLs.
  func counts(_ doubts: [Doubt], in catalog: Catalog) async throws(TuningError) -> [Group: Double] {
    var counts: [Group: Double] = [:]
    var waiting = Array(doubts.prefix(limits.sampledGroups))
    var left = limits.samples
    while left > 0, let table = waiting.first?.group.table {
      let together = Array(waiting.filter { $0.group.table == table }.prefix(limits.groupsOfOneSample))
      let asked = Set(together.map(\.group))
      waiting.removeAll { asked.contains($0.group) }
      guard let relation = catalog[table], let rows = relation.rowEstimate, rows >= 1 else { continue }
      left -= 1
      let share = min(100, 100 * limits.sampledRows / rows)
      let samples = try await samples(together.map(\.group.columns), of: table, percent: share)
      for doubt in together {
        counts[doubt.group] = samples[doubt.group.columns]?.distinct(of: rows, unlike: doubt.independent)
      }
    }
    return counts
  }

  /// Of some groups of columns; none where the table cannot be read, or not in time.
  private func samples(
    _ groups: [Set<String>], of table: RelationID, percent: Double
  ) async throws(TuningError) -> [Set<String>: DistinctSample] {
    let columns = groups.reduce(into: Set<String>()) { $0.formUnion($1) }.sorted()
    let places = groups.map { group in columns.indices.filter { group.contains(columns[$0]) } }
    let sets = places.map { $0.map { String($0 + 1) }.joined(separator: " ") }
    let steps: [Step] = [
      .statement("SAVEPOINT pgadvisor_sampling", []),
      .statement("SELECT pg_catalog.set_config('statement_timeout', $1, true)", ["\(limits.samplingMilliseconds)"]),
      .statement(Self.question, [String(table), "\(percent)", arrayLiteral(columns), arrayLiteral(sets)]),
      .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_sampling", []),
      .statement("RELEASE SAVEPOINT pgadvisor_sampling", []), .boundary,
    ]
    do throws(DatabaseError) {
      let answers = try await session.run(steps)
      guard case .success(let rows) = answers[2], let text = rows.text(0, 0) else { return [:] }
      let found = DistinctSample.parsed(text)
      var samples: [Set<String>: DistinctSample] = [:]
      for (group, places) in zip(groups, places) { samples[group] = found[places.map { $0 + 1 }] }
      return samples
    } catch {
      throw TuningError(error)
    }
  }

  /// The names in the inner statement come from the catalogue and are quoted by the server; groups are numbers of columns.
  /// A key that many rows of a block share is counted once in it: rows of one block are no independent draws.
  /// https://www.postgresql.org/docs/current/functions-xml.html#FUNCTIONS-XML-MAPPING
  private static let question: SQL = """
    SELECT pg_catalog.query_to_xml(pg_catalog.format(
      'WITH sample AS MATERIALIZED (
          SELECT %s, ((ctid::pg_catalog.text)::pg_catalog.point)[0] AS block
          FROM %s TABLESAMPLE SYSTEM (%s) REPEATABLE (17)
        ), groups AS (
          SELECT pg_catalog.concat_ws('' '', %s) AS members, pg_catalog.count(*) AS n,
            pg_catalog.count(DISTINCT block) AS b
          FROM sample GROUP BY GROUPING SETS (%s) HAVING %s
        ), blocks AS (
          SELECT block - pg_catalog.lag(block) OVER (ORDER BY block) AS step FROM sample GROUP BY block
        )
        SELECT pg_catalog.concat_ws('','', members, pg_catalog.sum(n), pg_catalog.sum(b), pg_catalog.count(*),
          pg_catalog.count(*) FILTER (WHERE b OPERATOR(pg_catalog.=) 1),
          pg_catalog.count(*) FILTER (WHERE b OPERATOR(pg_catalog.=) 2),
          (SELECT pg_catalog.count(*) FROM blocks),
          (SELECT pg_catalog.count(*) FROM blocks WHERE step OPERATOR(pg_catalog.=) 1)) AS sample
        FROM groups GROUP BY members',
      pg_catalog.string_agg(pg_catalog.format('%I AS k%s', w.name, w.place), ', ' ORDER BY w.place),
      c.oid::pg_catalog.regclass, $2::pg_catalog.float8,
      pg_catalog.string_agg(pg_catalog.format(
        'CASE GROUPING(k%1$s) WHEN 0 THEN %1$s END', w.place), ', ' ORDER BY w.place),
      (SELECT pg_catalog.string_agg((SELECT '(' || pg_catalog.string_agg('k' || m::pg_catalog.int4, ', ') || ')'
          FROM pg_catalog.regexp_split_to_table(g, ' ') AS m), ', ')
        FROM pg_catalog.unnest($4::pg_catalog.text[]) AS g),
      pg_catalog.string_agg(pg_catalog.format(
        '(GROUPING(k%1$s) OPERATOR(pg_catalog.=) 1 OR k%1$s IS NOT NULL)', w.place), ' AND ' ORDER BY w.place)),
      false, true, '')::pg_catalog.text
    FROM pg_catalog.pg_class AS c,
      pg_catalog.unnest($3::pg_catalog.text[]) WITH ORDINALITY AS w(name, place)
    WHERE c.oid = $1::pg_catalog.oid GROUP BY c.oid
    """
}

/// What was counted in a sample of blocks.
struct DistinctSample: Equatable {
  var rows: Double
  /// Pairs of a block and a key in it.
  var pairs: Double
  var keys: Double
  /// Keys that one block has and no other, and those that two have.
  var keysInOneBlock: Double
  var keysInTwo: Double
  var blocks: Double
  /// Blocks that follow another one of the sample.
  var followers: Double

  /// From `rows,pairs,keys,keys in one block,in two,blocks,followers`.
  init?(_ text: some StringProtocol) {
    let numbers = text.split(separator: ",").compactMap { Double($0) }
    guard numbers.count == 7, numbers[0] > 0, numbers[2] > 0 else { return nil }
    (rows, pairs, keys) = (numbers[0], numbers[1], numbers[2])
    (keysInOneBlock, keysInTwo, blocks, followers) = (numbers[3], numbers[4], numbers[5], numbers[6])
  }

  /// By the numbers of the columns, from `<sample>1 3,…</sample>` for each group.
  static func parsed(_ text: String) -> [[Int]: DistinctSample] {
    var samples: [[Int]: DistinctSample] = [:]
    var rest = text[...]
    while let start = rest.firstRange(of: "<sample>")?.upperBound {
      rest = rest[start...]
      guard let end = rest.firstRange(of: "</sample>") else { break }
      let parts = rest[..<end.lowerBound].split(separator: ",", maxSplits: 1)
      rest = rest[end.upperBound...]
      guard parts.count == 2, let sample = DistinctSample(parts[1]) else { continue }
      samples[parts[0].split(separator: " ").compactMap { Int($0) }] = sample
    }
    return samples
  }

  /// As `pg_stats.n_distinct`: a number, or the negative share of the rows where it grows with them; nil where the sample
  /// looks as it would if keys came like `independent`, anywhere in the table.
  func distinct(of total: Double, unlike independent: [KeyRepetition]) -> Double? {
    let expected = independent.reduce(0) { $0 + $1.keys * chance(ofAny: $1.rate * rows / total) }
    let among = independent.reduce(0) { $0 + $1.keys * chance(ofAny: $1.rate * pairs / total) }
    var found = distinct(of: total)
    let isLike =
      abs(keys - expected) <= expected * 0.07
      // Rows of one block are more alike than others: a little of that says nothing.
      || (pairs > rows * 0.8 && abs(keys - among) <= among * 0.07)
    if isLike && !hasMoreFrequent(than: independent, of: total) {
      // Where nearly each row shows a key of its own, only the few others tell, and these by chance: half is believed.
      let repeated = max(0, pairs - among)
      let doubt = 3 * (repeated + pairs - keys).squareRoot()
      guard pairs > rows * 0.95, abs(keys - among) > repeated * 0.07 + doubt else { return nil }
      found = (found * independent.reduce(0) { $0 + $1.present }).squareRoot()
    }
    return found > total * 0.1 ? -found / total : found
  }

  /// Whether clearly more keys have come three times and more: some are frequent, and all others rarer than the mean.
  private func hasMoreFrequent(than independent: [KeyRepetition], of total: Double) -> Bool {
    var expected = 0.0
    for group in independent {
      let rate = group.rate * pairs / total
      let few = exponential(-rate) * (1 + rate + rate * rate / 2)
      expected += group.keys * max(0, 1 - few)
    }
    return keys - keysInOneBlock - keysInTwo > expected * 1.5 + 10
  }

  /// What is seen once and twice tells how much is not seen at all, whatever else is frequent: Chao, "Nonparametric
  /// Estimation of the Number of Classes in a Population", Scandinavian Journal of Statistics 11 (1984), for a population
  /// that has an end. Pairs of a block and a key are the draws.
  private func distinct(of total: Double) -> Double {
    guard rows < total * 0.99 else { return keys }
    var found = begun * total / rows
    // A key that comes in a row is in two blocks of the sample only where these are neighbours.
    if keys - keysInOneBlock > followers || blocks * 2 > rows {
      let rate = max(2 * keysInTwo / max(keysInOneBlock, 1), 1e-9)
      found = keys + keysInOneBlock / rate * chance(ofAny: rate * (total / rows - 1))
    }
    return min(max(found, keys), total)
  }

  /// Keys that begin in one of the blocks, were the rows of each key together: the first of a block has begun before
  /// it, unless a key happens to end with the block.
  private var begun: Double { max(0, pairs - blocks) / max(1 - blocks / rows, 1e-9) }
}
