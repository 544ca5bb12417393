// How columns lie in an index: what the size model has to know beyond statistics.

package import Database

/// How the values of one column are stored, and what is known of several columns together.
package struct ColumnStorage: Sendable, Equatable {
  /// `typlen`; negative for values of varying width.
  package var length: Int
  /// 1, 2, 4 or 8 bytes.
  package var alignment: Int
  /// Equal values are the same bytes, so that btree may keep one of them for many rows.
  package var canDeduplicate: Bool
  /// Of values of varying width, where it is known what ANALYZE kept.
  package var widths: ColumnWidths?
  /// Of the most common values, descending; shares of all rows.
  package var frequencies: [Double] = []
  /// Rows that ANALYZE looks at to count different values; nil where somebody has set their number.
  package var sampledRows: Double?

  package init(length: Int, alignment: Int, canDeduplicate: Bool) {
    self.length = length
    self.alignment = alignment
    self.canDeduplicate = canDeduplicate
  }
}

/// The storage of all columns of some tables.
package struct TableStorage: Sendable {
  package private(set) var columns: [RelationID: [String: ColumnStorage]]
  /// Distinct values of groups of columns, from extended statistics or counted in a sample; as `pg_stats.n_distinct`.
  package private(set) var groups: [RelationID: [Set<String>: Double]]

  package init(
    columns: [RelationID: [String: ColumnStorage]] = [:], groups: [RelationID: [Set<String>: Double]] = [:]
  ) {
    self.columns = columns
    self.groups = groups
  }

  mutating func add(_ distinct: Double, of columns: Set<String>, in table: RelationID) {
    groups[table, default: [:]][columns] = distinct
  }

  /// Asks inside a transaction for what there is to know of the columns of some indexes; for small tables the means of
  /// their columns do.
  static func read(
    on session: Session, for indexes: [IndexDefinition], in catalog: Catalog, limits: Limits = Limits()
  ) async throws(TuningError) -> TableStorage {
    do throws(DatabaseError) {
      let identifiers = arrayLiteral(Set(indexes.map(\.table)).sorted().map { String($0) })
      let columns = try await session.rows(StorageRow.question, [identifiers], as: StorageRow.self)
      let groups = try await session.rows(GroupRow.question, [identifiers], as: GroupRow.self)
      let wanted = Set(
        indexes.filter { catalog[$0.table]?.rowEstimate ?? 0 >= limits.keptValuesRows }.flatMap { index in
          (index.keys.map(\.column) + index.included).map { ColumnKey(table: index.table, column: $0) }
        }
      ).sorted()
      let values = try await session.rows(
        KeptValuesRow.question,
        [arrayLiteral(wanted.map { String($0.table) }), arrayLiteral(wanted.map(\.column))], as: KeptValuesRow.self)
      var storage = TableStorage()
      for row in columns {
        storage.columns[row.relation, default: [:]][row.name] = ColumnStorage(
          length: row.length, alignment: row.alignment, canDeduplicate: row.canDeduplicate)
      }
      for row in values {
        storage.columns[row.relation]?[row.name]?.frequencies = row.frequencies ?? []
        storage.columns[row.relation]?[row.name]?.widths = row.columnWidths
        storage.columns[row.relation]?[row.name]?.sampledRows = row.sampledRows
      }
      let numbers = Dictionary(columns.map { (ColumnPlace($0.relation, $0.number), $0.name) }) { first, _ in first }
      for row in groups {
        for (places, distinct) in row.counts {
          let names = places.compactMap { numbers[ColumnPlace(row.relation, $0)] }
          if names.count == places.count { storage.groups[row.relation, default: [:]][Set(names)] = distinct }
        }
      }
      return storage
    } catch {
      throw TuningError(error)
    }
  }

  private struct ColumnPlace: Hashable {
    let relation: RelationID
    let number: Int

    init(_ relation: RelationID, _ number: Int) {
      self.relation = relation
      self.number = number
    }
  }
}

/// One column. Support function 4 of a btree family is the one that says whether equal values look the same
/// (https://www.postgresql.org/docs/current/btree.html#BTREE-SUPPORT-FUNCS). `character` is said to do so by the catalogue
/// of some minor versions and not by the code of others: it is taken not to.
private struct StorageRow: Decodable {
  let relation: RelationID
  let number: Int
  let name: String
  let length: Int
  let alignment: Int
  let canDeduplicate: Bool

  static let question: SQL = """
    SELECT a.attrelid AS relation, a.attnum AS number, a.attname AS name, a.attlen AS length,
      CASE a.attalign WHEN 'c' THEN 1 WHEN 's' THEN 2 WHEN 'i' THEN 4 ELSE 8 END AS alignment,
      pg_catalog.current_setting('server_version_num')::int >= 130000
        AND (a.attcollation = 0 OR coalesce((SELECT l.collisdeterministic FROM pg_catalog.pg_collation AS l
          WHERE l.oid = a.attcollation), true))
        AND EXISTS (SELECT FROM pg_catalog.pg_opclass AS c
          JOIN pg_catalog.pg_amproc AS p ON p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype
            AND p.amprocrighttype = c.opcintype AND p.amprocnum = 4
          WHERE c.opcmethod = 403 AND c.opcdefault AND b.oid <> 1042
            AND c.opcintype = CASE WHEN b.typtype = 'e' THEN 3500 WHEN b.oid = 1043 THEN 25 ELSE b.oid END)
        AS "canDeduplicate"
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum
    """
}

/// The `n_distinct` statistics of one statistics object: `{"1, 2": 100, "1, 3": 5000}`.
private struct GroupRow: Decodable {
  let relation: RelationID
  let text: String

  static let question: SQL = """
    SELECT c.oid AS relation, s.n_distinct::text AS text FROM pg_catalog.pg_stats_ext AS s
      JOIN pg_catalog.pg_namespace AS n ON n.nspname = s.schemaname
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = s.tablename
    WHERE c.oid = ANY ($1::pg_catalog.oid[]) AND s.n_distinct IS NOT NULL
    ORDER BY c.oid, s.statistics_name
    """

  /// Column numbers and their count of distinct values.
  var counts: [(places: [Int], distinct: Double)] {
    var found: [(places: [Int], distinct: Double)] = []
    for part in text.split(separator: "\"").indices.dropFirst() {
      let pieces = text.split(separator: "\"")
      guard part % 2 == 1, part + 1 < pieces.count else { continue }
      let places = pieces[part].split(separator: ",").compactMap { Int($0.filter { $0.isNumber || $0 == "-" }) }
      let digits = pieces[part + 1].filter { $0.isNumber }
      if let distinct = Double(digits), places.count > 1 { found.append((places, distinct)) }
    }
    return found
  }
}
