// How large a B-tree will be when it is built: bytes from statistics, with deduplication, alignment and NULLs.

package import Database

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

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
    let storage = try await TableStorage.read(on: session, tables: Array(Set(indexes.map(\.table))))
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
      let columns = group.columns.sorted().compactMap { relation.column($0) }
      let values = columns.map { max(1, distinctValues(of: $0, rows: rows)) }
      var independent: Double?
      var other = self
      if columns.count > 1 {
        independent = distinct(columns, index, rows)
        other.storage.add(values.max() ?? 1, of: group.columns, in: index.table)
      } else {
        guard abs(columns.first?.correlation ?? 0) > 0.9 else { continue }
        other.storage.add(-1, of: group.columns, in: index.table)
      }
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
    let entries = entries(zip(columns, stored).map { ($0, $1) }, index, rows: rows / Double(parts))
    return Int64(parts) * Int64(pages(entries)) * Int64(Self.pageBytes)
  }

  private typealias Stored = (column: Column, kind: ColumnStorage)

  /// Leaf tuples of one kind.
  private struct Entries {
    var count: Double
    /// With its line pointer.
    var bytes: Double
    /// Of which a list of row addresses, which the high key of a page leaves out.
    var list: Double
  }

  // MARK: - Tuples

  /// Rows that have NULL in the same columns make keys of their own, with a bitmap and the values of the others.
  private func entries(_ columns: [Stored], _ index: IndexDefinition, rows: Double) -> [Entries] {
    let open = columns.indices.filter { (columns[$0].column.nullFraction ?? 0) > 0 }.prefix(Self.nullableColumns)
    var entries: [Entries] = []
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
      let key = keyBytes(own, hasNulls: pattern != 0)
      // An index with INCLUDE keeps every row's entry apart.
      guard index.included.isEmpty, columns.allSatisfy(\.kind.canDeduplicate) else {
        entries.append(Entries(count: rows * share, bytes: key + 4, list: 0))
        continue
      }
      entries += deduplicated(
        rows: rows * share, distinct: distinct(own.map(\.column), index, rows * share), key: key)
    }
    return entries
  }

  private static let nullableColumns = 4

  /// Bytes of the tuple that holds the key and one row address, in the mean.
  private func keyBytes(_ columns: [Stored], hasNulls: Bool) -> Double {
    var bytes = hasNulls ? 16.0 : 8.0
    var varying = 0.0
    // Behind a value of varying width it is known only to which power of two the place is aligned: nil while all is known.
    var known: Int?
    for (column, kind) in columns {
      guard kind.length > 0 else {
        bytes += Double(column.averageWidth ?? 8)
        varying += Double(column.averageWidth ?? 8)
        known = 1
        continue
      }
      if let place = known {
        // The gap is half of what it can be, in the mean.
        bytes += Double(max(0, kind.alignment - place)) / 2
        known = min(max(place, kind.alignment), kind.length & -kind.length)
      } else {
        let alignment = Double(kind.alignment)
        bytes = (bytes / alignment).rounded(.up) * alignment
      }
      bytes += Double(kind.length)
    }
    // The whole is rounded up to 8 bytes, for widths that spread a little around the mean.
    let spread = [-1, -0.5, 0, 0.5, 1].map { Self.aligned(bytes + $0 * 0.05 * varying) }
    return max(16, spread.reduce(0, +) / Double(spread.count))
  }

  /// How many rows share a key is taken to be a matter of chance around the mean.
  private func deduplicated(rows: Double, distinct: Double, key: Double) -> [Entries] {
    let mean = rows / distinct
    let capacity = max(2, ((808 - key) / 6).rounded(.down))
    if mean > 40 {
      let full = (mean / capacity).rounded(.down)
      let rest = mean - full * capacity
      var entries: [Entries] = []
      if full > 0 { entries.append(list(of: capacity, key: key, count: distinct * full)) }
      if rest >= 0.5 { entries.append(list(of: rest, key: key, count: distinct)) }
      return entries
    }
    // Poisson, given that there is at least one, so that the mean is as observed.
    let rate = Self.rate(forMean: mean)
    guard rate > 1e-6 else { return [list(of: 1, key: key, count: distinct)] }
    var probability = exp(-rate) * rate / (1 - exp(-rate))
    var entries: [Entries] = []
    for copies in 1...150 {
      entries.append(list(of: Double(copies), key: key, count: distinct * probability))
      probability *= rate / Double(copies + 1)
      if Double(copies) > rate && probability < 1e-6 { break }
    }
    return entries
  }

  private func list(of rows: Double, key: Double, count: Double) -> Entries {
    rows < 1.5
      ? Entries(count: count, bytes: key + 4, list: 0)
      : Entries(count: count, bytes: Self.aligned(key + 6 * rows) + 4, list: 6 * rows)
  }

  /// The λ for which λ ÷ (1 − e^−λ) is the mean.
  private static func rate(forMean mean: Double) -> Double {
    guard mean > 1 else { return 0 }
    var low = 0.0
    var high = mean
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if middle / max(1 - exp(-middle), 1e-12) < mean { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  // MARK: - Pages

  private static let pageBytes = 8_192
  /// Without header, special space and the line pointer of the high key.
  private static let room = 8_148.0
  /// A leaf is full when less than this is left.
  private static let left = 819.0

  private func pages(_ entries: [Entries]) -> Double {
    let count = entries.reduce(0) { $0 + $1.count }
    let bytes = entries.reduce(0) { $0 + $1.count * $1.bytes }
    guard count > 0 else { return 1 }
    let main = entries.max { $0.count < $1.count } ?? entries[0]
    let isEven = main.count > count * 0.9
    let tuple = isEven ? main.bytes : bytes / count
    let list = isEven ? main.list : entries.reduce(0) { $0 + $1.count * $1.list } / count
    var filled = Self.room - Self.left + list
    if isEven {
      filled = (filled / tuple).rounded(.down) * tuple
      if list > 0 { filled = min(filled + tuple, ((Self.room - 8) / tuple).rounded(.down) * tuple - tuple) }
    } else {
      filled = min(filled + (list > 0 ? tuple / 2 : -tuple / 2), Self.room - 8 - tuple * 1.5)
    }
    let leaves = max(1, (bytes / max(filled, tuple)).rounded(.up))
    return 1 + leaves + inner(above: leaves, tuple: tuple - list)
  }

  /// Inner pages are filled to 70 %; one downlink a page below.
  private func inner(above leaves: Double, tuple: Double) -> Double {
    var level = leaves
    var pages = 0.0
    let fanout = max(2, ((Self.room - 2_457) / max(tuple, 20)).rounded(.down))
    while level > 1 {
      level = (level / fanout).rounded(.up)
      pages += level
    }
    return pages
  }

  private static func aligned(_ bytes: Double) -> Double { (bytes / 8).rounded(.up) * 8 }

  // MARK: - Distinct keys

  /// How many different keys some rows have, none of them with a NULL.
  private func distinct(_ columns: [Column], _ index: IndexDefinition, _ rows: Double) -> Double {
    guard !columns.isEmpty else { return 1 }
    if columns.count == index.keys.count, let known = storage.groups[index.table]?[Set(columns.map(\.name))] {
      return max(1, min(rows, known < 0 ? -known * rows : known))
    }
    let all = catalog[index.table]?.rowEstimate ?? rows
    var product = 1.0
    for column in columns {
      let values = max(1, self.values(of: column, in: index.table, rows: all))
      if values >= all * 0.999 * (1 - (column.nullFraction ?? 0)) { return rows }
      product *= values
    }
    guard columns.count > 1 else { return max(1, min(product, rows)) }
    return max(1, rows * (1 - exp(-product / rows)))
  }

  private func values(of column: Column, in table: RelationID, rows: Double) -> Double {
    guard let counted = storage.groups[table]?[[column.name]] else { return distinctValues(of: column, rows: rows) }
    return counted < 0 ? -counted * rows : counted
  }
}

extension DistinctSample {
  /// Whether so many rows would show so many keys, were there `distinct` of them, all alike and anywhere.
  func agrees(with distinct: Double) -> Bool {
    let expected = distinct * (1 - exp(-rows / distinct))
    return abs(keys - expected) <= expected * 0.07
  }
}
