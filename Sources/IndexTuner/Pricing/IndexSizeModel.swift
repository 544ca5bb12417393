// How large a B-tree will be when it is built: bytes from statistics, with deduplication, alignment and NULLs.

package import Database

/// Follows `nbtsort.c` and `nbtdedup.c` of PostgreSQL 13 and later: leaf pages are filled to 90 %, equal keys share one
/// tuple with a list of row addresses of at most 812 bytes, the last tuple of a page becomes its high key
/// (https://www.postgresql.org/docs/current/btree.html#BTREE-DEDUPLICATION).
package struct IndexSizeModel: Sendable {
  private let catalog: Catalog
  private var storage: TableStorage
  private var sampled: Set<DistinctSampling.Group> = []

  package init(catalog: Catalog, storage: TableStorage) {
    self.catalog = catalog
    self.storage = storage
  }

  /// Asks inside a transaction for what the model has to know of the tables of some indexes.
  package static func read(
    on session: Session, for indexes: [IndexDefinition], in catalog: Catalog, limits: Limits = Limits()
  ) async throws(TuningError) -> IndexSizeModel {
    let storage = try await TableStorage.read(on: session, for: indexes, in: catalog, limits: limits)
    var model = IndexSizeModel(catalog: catalog, storage: storage)
    let doubts = model.doubts(indexes)
    let counts = try await DistinctSampling(on: session, limits: limits).counts(doubts, in: catalog)
    for (group, distinct) in counts {
      model.storage.add(distinct, of: group.columns, in: group.table)
      model.sampled.insert(group)
    }
    return model
  }

  /// Where `bytes` comes from, for an index that there is an answer for.
  func source(of index: IndexDefinition) -> SizeSource {
    let group = DistinctSampling.Group(table: index.table, columns: Set(index.keys.map(\.column)))
    let hangsOnKeys =
      index.included.isEmpty
      && index.keys.contains { sampled.contains(.init(table: index.table, columns: [$0.column])) }
    return sampled.contains(group) || hangsOnKeys ? .sample : .statistics
  }

  /// Where statistics do not say how many different keys there are although the size hangs on it: several columns that
  /// may depend on each other, and a column whose equal values lie together, which ANALYZE takes for fewer than they are.
  func doubts(_ indexes: [IndexDefinition]) -> [DistinctSampling.Doubt] {
    var doubts: [DistinctSampling.Group: DistinctSampling.Doubt] = [:]
    for index in indexes where index.isPlain {
      let group = DistinctSampling.Group(table: index.table, columns: Set(index.keys.map(\.column)))
      guard doubts[group] == nil, storage.groups[index.table]?[group.columns] == nil,
        let relation = catalog[index.table], let rows = relation.rowEstimate, let most = bytes(of: index),
        most > 64 * Int64(Self.pageBytes)
      else { continue }
      let columns: [Stored] = group.columns.sorted().compactMap { name in
        guard let column = relation.column(name), let kind = storage.columns[index.table]?[name] else { return nil }
        return (column, kind)
      }
      let values = columns.map { max(1, self.values(of: $0.column, $0.kind, in: index.table, rows: rows)) }
      let independent = repetition(columns, index, rows) ?? [KeyRepetition(keys: rows * 1e7, rate: 1e-7)]
      var other = self
      // One follows from the other; of one column, nothing is repeated.
      other.storage.add(columns.count > 1 ? values.max() ?? 1 : -1, of: group.columns, in: index.table)
      let weight = abs(most - (other.bytes(of: index) ?? most))
      guard Double(weight) > Double(most) * 0.03 else { continue }
      doubts[group] = DistinctSampling.Doubt(group: group, independent: independent, weight: weight)
    }
    return doubts.values.sorted { left, right in
      if left.weight != right.weight { return left.weight > right.weight }
      if left.group.table != right.group.table { return left.group.table < right.group.table }
      return left.group.columns.sorted().lexicographicallyPrecedes(right.group.columns.sorted())
    }
  }

  /// Bytes; nil where the model does not apply or statistics are missing.
  package func bytes(of index: IndexDefinition) -> Int64? {
    guard let relation = catalog[index.table], let rows = relation.rowEstimate else { return nil }
    guard index.method == .btree, index.predicate == nil, index.keys.allSatisfy({ $0.expression == nil }) else {
      return nil
    }
    let names = index.keys.map(\.column) + index.included
    let columns = names.compactMap { relation.column($0) }
    let stored = names.compactMap { storage.columns[index.table]?[$0] }
    guard columns.count == names.count, stored.count == columns.count else { return nil }
    guard rows >= 1 else { return Int64(Self.pageBytes) }
    guard columns.allSatisfy({ $0.distinctValues != nil && $0.averageWidth != nil }) else { return nil }
    let parts = max(1, relation.leaves.count)
    let all: [Stored] = zip(columns, stored).map { ($0, $1) }
    let pivot = bytes(of: Array(all.prefix(index.keys.count)), hasNulls: false).tuple
    return Int64(parts) * Int64(pages(tuples(all, index, rows: rows / Double(parts)), pivot: pivot))
      * Int64(Self.pageBytes)
  }

  private typealias Stored = (column: Column, kind: ColumnStorage)

  // MARK: - Tuples

  /// Rows that have NULL in the same columns make keys of their own, with a bitmap and the values of the others.
  private func tuples(_ columns: [Stored], _ index: IndexDefinition, rows: Double) -> [LeafTuples] {
    let open = columns.indices.filter { (columns[$0].column.nullFraction ?? 0) > 0 }.prefix(Self.nullableColumns)
    var tuples: [LeafTuples] = []
    for pattern in 0..<(1 << open.count) {
      var share = 1.0
      var filled = Array(columns.indices)
      for (bit, place) in open.enumerated() {
        let nulls = columns[place].column.nullFraction ?? 0
        let isNull = pattern & (1 << bit) != 0
        share *= isNull ? nulls : 1 - nulls
        if isNull { filled.removeAll { $0 == place } }
      }
      guard rows * share >= 1 else { continue }
      let own = filled.map { columns[$0] }
      let key = bytes(of: own, hasNulls: pattern != 0)
      // An index with INCLUDE keeps every row's entry apart.
      guard index.included.isEmpty, columns.allSatisfy(\.kind.canDeduplicate) else {
        tuples.append(.single(rows * share, tuple: key.tuple, isEven: key.isEven))
        continue
      }
      guard let groups = repetition(own, index, rows * share) else {
        tuples.append(.single(rows * share, tuple: key.tuple, isEven: key.isEven))
        continue
      }
      var lengths: [Int: Double] = [:]
      for group in groups {
        let length = lengths[group.common] ?? bytes(of: own, hasNulls: pattern != 0, common: group.common).tuple
        lengths[group.common] = length
        tuples.append(.lists(group, tuple: length))
      }
    }
    return tuples
  }

  private static let nullableColumns = 4

  /// - Parameter common: bit n: the value of column n is one of its common ones; nil: any values.
  private func bytes(of columns: [Stored], hasNulls: Bool, common: Int? = nil) -> KeyBytes {
    var key = KeyBytes(hasNulls: hasNulls)
    for (place, column) in columns.enumerated() {
      key.append(column.column, column.kind, isCommon: common.map { $0 & (1 << place) != 0 })
    }
    return key
  }

  // MARK: - Pages

  private static let pageBytes = 8_192

  /// One page is the tree's own; a tuple that is alone at the end stays on the page before.
  private func pages(_ tuples: [LeafTuples], pivot: Double) -> Double {
    let count = tuples.reduce(0) { $0 + $1.count }
    guard count > 0 else { return 1 }
    let all = tuples.reduce(0) { $0 + $1.pages }
    let leaves = max(1, (all * (1 - 1 / count)).rounded(.up))
    return 1 + leaves + inner(above: leaves, pivot: pivot)
  }

  /// Inner pages are filled to 70 %; one downlink a page below.
  private func inner(above leaves: Double, pivot: Double) -> Double {
    var level = leaves
    var pages = 0.0
    let fanout = max(2, (5_687 / (pivot + 4)).rounded(.down))
    while level > 1 {
      level = (level / fanout).rounded(.up)
      pages += level
    }
    return pages
  }

  // MARK: - Distinct keys

  /// Groups of keys that are about as frequent; nil where each row has its own.
  private func repetition(_ columns: [Stored], _ index: IndexDefinition, _ rows: Double) -> [KeyRepetition]? {
    guard !columns.isEmpty else { return [KeyRepetition(keys: 1, rate: rows)] }
    let all = catalog[index.table]?.rowEstimate ?? rows
    let isWhole = columns.count == index.keys.count
    let known = isWhole ? storage.groups[index.table]?[Set(columns.map(\.column.name))] : nil
    let distinct = known.map { max(1, min(rows, $0 < 0 ? -$0 * rows : $0)) }
    if let distinct, distinct >= rows * 0.999 { return nil }
    var classes: [[ValueClass]] = []
    let most = columns.count == 1 ? 12 : columns.count == 2 ? 6 : columns.count == 3 ? 4 : 2
    for (column, kind) in columns {
      let nulls = column.nullFraction ?? 0
      let values = max(1, self.values(of: column, kind, in: index.table, rows: all))
      if known == nil, values >= all * 0.999 * (1 - nulls) { return nil }
      let frequencies = kind.frequencies.map { $0 / max(1 - nulls, 1e-6) }
      classes.append(ValueClass.of(distinct: values, frequencies: frequencies, atMost: most))
    }
    return KeyRepetition.groups(of: classes, rows: rows, distinct: distinct)
  }

  private func values(of column: Column, _ kind: ColumnStorage, in table: RelationID, rows: Double) -> Double {
    if let counted = storage.groups[table]?[[column.name]] { return counted < 0 ? -counted * rows : counted }
    let estimate = distinctValues(of: column, rows: rows)
    guard let sampled = kind.sampledRows else { return estimate }
    let filled = 1 - (column.nullFraction ?? 0)
    let share = min(1, kind.frequencies.reduce(0, +) / max(filled, 1e-6))
    return DistinctCount(
      rows: rows * filled, sampled: min(sampled, rows) * filled, common: Double(kind.frequencies.count),
      commonShare: share
    ).corrected(estimate)
  }
}
