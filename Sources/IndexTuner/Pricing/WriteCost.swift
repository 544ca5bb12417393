// What an index costs those who write: rows that must enter it, and HOT updates it would end.

package import Database

/// The write side of one candidate, since the server's counters were last reset.
package struct WriteCost: Sendable, Equatable {
  /// Index entries that the inserts would have made.
  package var insertedEntries: Int64
  /// Index entries that updates which are not HOT would have made.
  package var updatedEntries: Int64
  /// Index entries that VACUUM would have had to remove after deletes.
  package var deletedEntries: Int64
  /// HOT updates that would have become ordinary ones, because they change a column of the index. Each of them then
  /// writes to every index of the table.
  package var endedHotUpdates: Int64
  /// Estimated time for all of it.
  package var milliseconds: Double
  /// The part of it that falls on rows which statements of the workload wrote: what is weighed against their savings.
  /// The counters also hold what a restore or a bulk load wrote once.
  package var weighedMilliseconds: Double
  /// For how long the counters have counted, in seconds; nil where the server does not know.
  package var seconds: Double?
  /// `weighedMilliseconds` relative to what the index saves; nil where execution times are not known.
  package var shareOfGain: Double?
  /// False where `pg_stat_user_tables` could not be read: nothing is known, which is not the same as nothing.
  package var isKnown: Bool
  /// The columns that UPDATE statements of the workload write, among the index's own.
  package var updatedColumns: [String]

  package init(
    insertedEntries: Int64 = 0, updatedEntries: Int64 = 0, deletedEntries: Int64 = 0, endedHotUpdates: Int64 = 0,
    milliseconds: Double = 0,
    weighedMilliseconds: Double = 0, seconds: Double? = nil, isKnown: Bool = true, updatedColumns: [String] = []
  ) {
    self.insertedEntries = insertedEntries
    self.updatedEntries = updatedEntries
    self.deletedEntries = deletedEntries
    self.endedHotUpdates = endedHotUpdates
    self.seconds = seconds
    self.milliseconds = milliseconds
    self.weighedMilliseconds = weighedMilliseconds
    self.isKnown = isKnown
    self.updatedColumns = updatedColumns
  }

  /// Index entries made a second; nil where it is not known since when.
  package var entriesPerSecond: Double? {
    guard let seconds, seconds >= 1 else { return nil }
    return Double(insertedEntries + updatedEntries + endedHotUpdates) / seconds
  }
}

/// Estimates the write side from the table's counters and from the UPDATE statements of the workload.
///
/// The constants are CPU time of the backend for one entry, measured on PostgreSQL 15 with a million rows: about 0.2 µs
/// where keys arrive in order, 2.3 µs for random integers, 3.9 µs for random 32-byte texts, 0.5 µs with 20 distinct
/// values. What VACUUM does for one entry is taken as a third of that. An update that is no longer HOT pays an entry in
/// every index of its table
/// (https://www.postgresql.org/docs/current/storage-hot.html).
package struct WriteCostModel: Sendable {
  private let catalog: Catalog
  private let seconds: Double?
  private let updates: [UpdateStatement]
  /// Rows that INSERT statements of the workload wrote, by table.
  private let inserts: [RelationID: Double]
  /// Rows that DELETE statements of the workload removed, by table.
  private let deletes: [RelationID: Double]

  private struct UpdateStatement: Sendable {
    let table: RelationID
    let columns: Set<String>
    let rows: Double
  }

  /// - Parameter seconds: for how long the server's counters have counted.
  package init(catalog: Catalog, queries: [Query], seconds: Double? = nil) {
    self.catalog = catalog
    self.seconds = seconds
    self.updates = queries.flatMap { query in
      query.shape.updatedColumns.keys.sorted().map { table in
        UpdateStatement(
          table: table, columns: query.shape.updatedColumns[table] ?? [],
          rows: Self.rows(of: query))
      }
    }
    var inserts: [RelationID: Double] = [:]
    for query in queries { if let table = query.insertTarget { inserts[table, default: 0] += Self.rows(of: query) } }
    self.inserts = inserts
    var deletes: [RelationID: Double] = [:]
    for query in queries { if let table = query.deleteTarget { deletes[table, default: 0] += Self.rows(of: query) } }
    self.deletes = deletes
  }

  private static func rows(of query: Query) -> Double {
    Double(query.rows ?? query.calls ?? Int64(query.weight.rounded(.up)))
  }

  package func cost(of index: IndexDefinition) -> WriteCost {
    guard let relation = catalog[index.table], let activity = relation.activity else {
      return WriteCost(isKnown: false)
    }
    let columns = index.columns
    let mine = updates.filter { $0.table == index.table }
    let touching = mine.filter { !$0.columns.isDisjoint(with: columns) }
    let allRows = mine.reduce(0.0) { $0 + $1.rows }
    let share = allRows > 0 ? touching.reduce(0.0) { $0 + $1.rows } / allRows : 0
    let ended = (Double(activity.hotUpdated) * share).rounded()
    let ordinary = max(0, activity.updated - activity.hotUpdated)
    let entry = microseconds(ofEntryIn: index, on: relation)
    // Each ended HOT update also pays the indexes that exist.
    let others = 2.0 * Double(relation.indexes.count)
    func time(inserted: Double, updated: Double, deleted: Double, ended: Double) -> Double {
      (inserted + updated + ended + deleted / 3) * entry + ended * others
    }
    let total = time(
      inserted: Double(activity.inserted), updated: Double(ordinary), deleted: Double(activity.deleted), ended: ended)
    let updatedShare = min(1, allRows / max(Double(activity.updated), 1))
    let weighed = time(
      inserted: min(Double(activity.inserted), inserts[index.table] ?? 0), updated: Double(ordinary) * updatedShare,
      deleted: min(Double(activity.deleted), deletes[index.table] ?? 0), ended: ended * updatedShare)
    return WriteCost(
      insertedEntries: activity.inserted, updatedEntries: ordinary, deletedEntries: activity.deleted,
      endedHotUpdates: Int64(ended), milliseconds: total / 1_000, weighedMilliseconds: weighed / 1_000,
      seconds: seconds, isKnown: true,
      updatedColumns: touching.reduce(into: Set<String>()) { $0.formUnion($1.columns.intersection(columns)) }.sorted())
  }

  private func microseconds(ofEntryIn index: IndexDefinition, on relation: Relation) -> Double {
    guard let first = index.keys.first, let column = relation.column(first.column) else { return 2.3 }
    if abs(column.correlation ?? 0) > 0.95 { return 0.2 }
    let distinct = distinctValues(of: column, rows: relation.rowEstimate ?? 0)
    if distinct > 0 && distinct <= 50 && index.keys.count == 1 { return 0.5 }
    let width = index.keys.reduce(0) { $0 + (relation.column($1.column)?.averageWidth ?? 8) }
    return 2.3 + 0.057 * Double(max(0, min(width, 256) - 4))
  }
}

/// `pg_stats.n_distinct` as a number of values: negative is a fraction of the rows; 0 is unknown.
package func distinctValues(of column: Column, rows: Double) -> Double {
  guard let distinct = column.distinctValues else { return 0 }
  return distinct < 0 ? -distinct * rows : distinct
}
