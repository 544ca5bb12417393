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
    /// How many there are if none depends on another; nil for one column.
    let independent: Double?
    /// Bytes that hang on it.
    let weight: Int64
  }

  /// What matters most comes first. As `pg_stats.n_distinct`, of rows without NULLs.
  func counts(_ doubts: [Doubt], in catalog: Catalog) async throws(TuningError) -> [Group: Double] {
    var counts: [Group: Double] = [:]
    for doubt in doubts.prefix(limits.sampledGroups) {
      let group = doubt.group
      guard let relation = catalog[group.table], let rows = relation.rowEstimate, rows >= 1 else { continue }
      let share = min(100, 100 * limits.sampledRows / rows)
      guard let sample = try await sample(group, percent: share) else { continue }
      if let independent = doubt.independent, sample.agrees(with: independent) { continue }
      counts[group] = sample.distinct(of: rows)
    }
    return counts
  }

  /// nil where the table cannot be read, or not in time.
  private func sample(_ group: Group, percent: Double) async throws(TuningError) -> DistinctSample? {
    let steps: [Step] = [
      .statement("SAVEPOINT pgadvisor_sampling", []),
      .statement("SELECT pg_catalog.set_config('statement_timeout', $1, true)", ["\(limits.samplingMilliseconds)"]),
      .statement(Self.question, [String(group.table), "\(percent)", arrayLiteral(group.columns.sorted())]),
      .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_sampling", []),
      .statement("RELEASE SAVEPOINT pgadvisor_sampling", []), .boundary,
    ]
    do throws(DatabaseError) {
      let answers = try await session.run(steps)
      guard case .success(let rows) = answers[2], let text = rows.text(0, 0) else { return nil }
      return DistinctSample(text)
    } catch {
      throw TuningError(error)
    }
  }

  /// The names in the inner statement come from the catalogue and are quoted by the server. A key that many rows of a
  /// block share is counted once in it: rows of one block are no independent draws.
  /// https://www.postgresql.org/docs/current/functions-xml.html#FUNCTIONS-XML-MAPPING
  private static let question: SQL = """
    SELECT pg_catalog.query_to_xml(pg_catalog.format(
      'SELECT pg_catalog.concat_ws('','', pg_catalog.sum(n), pg_catalog.sum(b), pg_catalog.count(*),
          pg_catalog.count(*) FILTER (WHERE b OPERATOR(pg_catalog.=) 1)) AS sample
        FROM (SELECT pg_catalog.count(*) AS n,
            pg_catalog.count(DISTINCT ((ctid::pg_catalog.text)::pg_catalog.point)[0]) AS b
          FROM %s TABLESAMPLE SYSTEM (%s) REPEATABLE (17) WHERE %s GROUP BY %s) AS groups',
      c.oid::pg_catalog.regclass, $2::pg_catalog.float8,
      (SELECT pg_catalog.string_agg(pg_catalog.format('%I IS NOT NULL', name), ' AND ')
        FROM pg_catalog.unnest($3::pg_catalog.text[]) AS name),
      (SELECT pg_catalog.string_agg(pg_catalog.format('%I', name), ', ')
        FROM pg_catalog.unnest($3::pg_catalog.text[]) AS name)), false, true, '')::pg_catalog.text
    FROM pg_catalog.pg_class AS c WHERE c.oid = $1::pg_catalog.oid
    """
}

/// What was counted in a sample of blocks.
struct DistinctSample: Equatable {
  var rows: Double
  /// Pairs of a block and a key in it.
  var pairs: Double
  var keys: Double
  /// Keys that one block has and no other.
  var keysInOneBlock: Double

  /// From `<row><sample>rows,pairs,keys,keys in one block,…</sample></row>`.
  init?(_ text: String) {
    guard let start = text.firstRange(of: "<sample>")?.upperBound,
      let end = text.firstRange(of: "</sample>")?.lowerBound,
      start <= end
    else { return nil }
    let numbers = text[start..<end].split(separator: ",").compactMap { Double($0) }
    guard numbers.count >= 4, numbers[0] > 0, numbers[2] > 0 else { return nil }
    (rows, pairs, keys, keysInOneBlock) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  /// As `pg_stats.n_distinct`: a number, or the negative share of the rows where it grows with them. The estimator is
  /// ANALYZE's own (Haas and Stokes, "Estimating the Number of Classes in a Finite Population", JASA 93, 1998), over pairs
  /// of block and key instead of rows.
  func distinct(of total: Double) -> Double {
    let all = max(pairs, pairs * total / rows)
    let found = pairs * keys / (pairs - keysInOneBlock + keysInOneBlock * pairs / all)
    let distinct = min(max(found, keys), total)
    return distinct > total * 0.1 ? -distinct / total : distinct
  }
}
