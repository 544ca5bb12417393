// Reads the relations that a workload names: two round trips, whatever their number.

/// Identifies a column in maps.
package struct ColumnKey: Hashable, Sendable, Comparable {
  package var table: RelationID
  package var column: String

  package init(table: RelationID, column: String) {
    self.table = table
    self.column = column
  }

  package static func < (left: ColumnKey, right: ColumnKey) -> Bool {
    (left.table, left.column) < (right.table, right.column)
  }
}

/// Bounds of what is read from the catalogue at once.
private enum CatalogLimits {
  /// Relations, partitions included.
  static let relations = 50_000
  /// Values of one column's statistics; PostgreSQL keeps 100 by default and 10,000 at most.
  static let values = 1_000
}

extension Session {
  /// Every relation of one of these names in any schema, with all ancestors and descendants where it is part of a
  /// partition tree. Relations that somebody holds or wants exclusively are left out: we never wait for an ALTER TABLE.
  /// - Throws: `.server` and the like; inside a transaction that stays usable.
  package func catalog(naming names: Set<String>) async throws(DatabaseError) -> Catalog {
    if names.isEmpty { return Catalog() }
    let wanted = arrayLiteral(names.sorted())
    do throws(DatabaseError) {
      return try await readCatalog(wanted)
    } catch {
      // Somebody took a lock between our look at the locks and our reading.
      guard error.code == .lockTimeout else { throw error }
      return try await readCatalog(wanted)
    }
  }

  /// Lets every catalogue that is read meanwhile hold these relations alone: for whom the others are not there, and what
  /// one of these is a part of neither. nil: all.
  package func within<R: Sendable>(
    _ relations: Set<RelationID>?, _ body: @Sendable () async throws -> R
  ) async throws -> R {
    let outer = catalogScope
    catalogScope = relations
    defer { catalogScope = outer }
    return try await body()
  }

  private func readCatalog(_ names: String) async throws(DatabaseError) -> Catalog {
    var found = try await ask([.statement(RelationRow.question, [names])])[0].decoded(as: RelationRow.self)
    if let catalogScope {
      found.removeAll { !catalogScope.contains($0.id) }
      for place in found.indices where !(found[place].parent.map(catalogScope.contains) ?? true) {
        found[place].parent = nil
      }
    }
    if found.isEmpty { return Catalog() }
    guard found.count <= CatalogLimits.relations else {
      throw DatabaseError(
        code: .unsupported, message: "more than \(CatalogLimits.relations) relations and partitions are named")
    }
    let identifiers = arrayLiteral(found.map { String($0.id) })
    let answers = try await ask([
      .statement(ColumnRow.question, [identifiers, arrayLiteral(Set(found.map(\.name)).sorted())]),
      .statement(IndexRow.question, [identifiers]),
      .statement(ViewRow.question, [identifiers]),
    ])
    let columns = try answers[0].decoded(as: ColumnRow.self)
    let indexes = try answers[1].decoded(as: IndexRow.self)
    let views = try answers[2].decoded(as: ViewRow.self)
    let sizes = try await sizes(identifiers)
    return CatalogAssembly(
      blockSize: Int64(server.blockSize), relations: found, columns: columns, indexes: indexes, views: views,
      sizes: sizes
    ).catalog()
  }

  /// Sizes on disk, which need a lock for a moment; without it, none, and the sizes at the last VACUUM or ANALYZE serve.
  private func sizes(_ identifiers: String) async throws(DatabaseError) -> [SizeRow] {
    do throws(DatabaseError) {
      let answers = try await ask([
        .statement("SELECT set_config('lock_timeout', '200ms', true)", []),
        .statement(SizeRow.question, [identifiers]),
      ])
      return try answers[1].decoded(as: SizeRow.self)
    } catch {
      guard error.code == .lockTimeout || error.code == .server else { throw error }
      return []
    }
  }

  /// The sampled values of columns, from `pg_stats`; a column without statistics, or that this role may not read, is
  /// missing. A partitioned table that was never analysed itself has those of its largest analysed partition; a table that
  /// others inherit from has those of all together.
  package func columnValues(
    of columns: [ColumnKey]
  ) async throws(DatabaseError) -> [ColumnKey: ColumnValues] {
    if columns.isEmpty { return [:] }
    let rows = try await ask([
      .statement(
        ValuesRow.question,
        [arrayLiteral(columns.map { String($0.table) }), arrayLiteral(columns.map(\.column))])
    ])[0].decoded(as: ValuesRow.self)
    var values: [ColumnKey: ColumnValues] = [:]
    for row in rows { values[ColumnKey(table: row.table, column: row.column)] = row.values }
    return values
  }
}

/// One column's long statistics.
private struct ValuesRow: Decodable {
  let table: RelationID
  let column: String
  let mostCommon: [String?]?
  let frequencies: [Double]?
  let histogram: [String?]?

  var values: ColumnValues {
    var values = ColumnValues()
    for (value, frequency) in zip(mostCommon ?? [], frequencies ?? []).prefix(CatalogLimits.values) {
      guard let value else { continue }
      values.mostCommon.append(value)
      values.frequencies.append(frequency)
    }
    values.histogram = thinned((histogram ?? []).compactMap { $0 }, to: CatalogLimits.values)
    return values
  }

  /// Evenly chosen, the first and the last included.
  private func thinned(_ bounds: [String], to count: Int) -> [String] {
    if bounds.count <= count { return bounds }
    return (0..<count).map { bounds[$0 * (bounds.count - 1) / (count - 1)] }
  }

  /// What is wanted is settled before `pg_stats` is joined: otherwise the planner takes thousands of columns for one, and
  /// compares each with each.
  static let question: SQL = """
    WITH wanted AS MATERIALIZED (
      SELECT w.id, w.name FROM unnest($1::oid[], $2::text[]) AS w(id, name)
    ), candidate AS MATERIALIZED (
      SELECT w.id, w.name, 0 AS distance, c.oid, c.relname, c.relnamespace, c.reltuples, c.relkind
      FROM wanted AS w JOIN pg_class AS c ON c.oid = w.id
      UNION ALL
      SELECT w.id, w.name, 1, c.oid, c.relname, c.relnamespace, c.reltuples, c.relkind
      FROM wanted AS w JOIN pg_class AS own ON own.oid = w.id AND own.relkind = 'p'
      CROSS JOIN LATERAL pg_partition_tree(w.id) AS t JOIN pg_class AS c ON c.oid = t.relid
      WHERE t.isleaf
    )
    SELECT DISTINCT ON (c.id, c.name) c.id AS "table", c.name AS "column",
      s.most_common_vals::text AS "mostCommon", s.most_common_freqs AS "frequencies",
      s.histogram_bounds::text AS "histogram"
    FROM candidate AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_stats AS s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = c.name
      AND (s.inherited OR c.relkind <> 'p')
    ORDER BY c.id, c.name, c.distance, s.inherited DESC, c.reltuples DESC, c.oid
    """
}
