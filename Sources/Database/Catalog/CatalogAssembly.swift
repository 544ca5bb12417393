// Puts the rows of the catalogue together: sums over partitions, statistics that a parent borrows.

/// Pure: rows in, catalogue out.
struct CatalogAssembly {
  let blockSize: Int64
  let relations: [RelationRow]
  let columns: [ColumnRow]
  let indexes: [IndexRow]
  let views: [ViewRow]
  let sizes: [SizeRow]

  func catalog() -> Catalog {
    let bytes = Dictionary(sizes.compactMap { row in row.bytes.map { (row.relation, $0) } }) { first, _ in first }
    let definitions = Dictionary(views.map { ($0.relation, $0.definition) }) { first, _ in first }
    let columnsOf = Dictionary(grouping: columns, by: \.relation)
    let indexesOf = Dictionary(grouping: indexes, by: \.relation)
    var found: [RelationID: Relation] = [:]
    for row in relations {
      var relation = self.relation(row, bytes: bytes)
      relation.columns = (columnsOf[row.id] ?? []).map { column($0) }
      relation.indexes = (indexesOf[row.id] ?? []).map { index($0, bytes: bytes) }
      relation.indexBytes = relation.indexes.reduce(0) { $0 + $1.bytes }
      relation.viewDefinition = relation.kind == .view ? definitions[row.id] ?? nil : nil
      found[row.id] = relation
    }
    let leaves = leaves(found)
    let parts = Dictionary(grouping: indexes.filter { $0.parent != nil }, by: { $0.parent ?? 0 })
    for (id, leaves) in leaves { found[id] = summed(found[id], over: leaves, in: found, indexParts: parts) }
    for (id, children) in children(found) { found[id]?.children = children }
    return Catalog(relations.compactMap { found[$0.id] })
  }

  // MARK: - Single rows

  private func relation(_ row: RelationRow, bytes: [RelationID: Int64]) -> Relation {
    let hasStorage = row.kind == "r" || row.kind == "m"
    var activity: TableActivity?
    if let inserted = row.inserted, let updated = row.updated, let hotUpdated = row.hotUpdated,
      let deleted = row.deleted
    {
      activity = TableActivity(
        inserted: inserted, updated: updated, hotUpdated: hotUpdated, deleted: deleted,
        sequentialScans: row.sequentialScans ?? 0, indexScans: row.indexScans ?? 0)
    }
    return Relation(
      id: row.id, schema: row.schema, name: row.name, kind: Relation.Kind(rawValue: row.kind) ?? .other,
      parent: row.parent, rowEstimate: row.rowEstimate < 0 ? nil : row.rowEstimate,
      heapBytes: hasStorage ? bytes[row.id] ?? row.pages * blockSize : 0, activity: activity, isSystem: row.isSystem,
      isUnlogged: row.isUnlogged, fillfactor: row.fillfactor)
  }

  private func column(_ row: ColumnRow) -> Column {
    Column(
      name: row.name, number: row.number, typeName: row.typeName, typeID: row.typeID, isNotNull: row.isNotNull,
      isSortable: row.isSortable, sortsByByte: row.sortsByByte, averageWidth: row.averageWidth,
      distinctValues: row.distinctValues, nullFraction: row.nullFraction, correlation: row.correlation)
  }

  private func index(_ row: IndexRow, bytes: [RelationID: Int64]) -> Index {
    let keys = row.keyTexts.indices.map { position in
      Index.Key(
        column: row.keyColumns[position], text: row.keyTexts[position],
        isDescending: row.keyOptions[position] & 1 != 0, nullsFirst: row.keyOptions[position] & 2 != 0,
        isDefault: row.keyDefaults[position])
    }
    return Index(
      id: row.id, name: row.name, method: row.method, keys: keys, included: row.included, predicate: row.predicate,
      isUnique: row.isUnique, isPrimary: row.isPrimary, isRequired: row.isRequired, isValid: row.isValid,
      bytes: bytes[row.id] ?? row.pages * blockSize, scans: row.scans, definition: row.definition)
  }

  // MARK: - Partition trees

  /// The leaves below every partitioned table, at any depth, by identifier.
  private func leaves(_ found: [RelationID: Relation]) -> [RelationID: [RelationID]] {
    var leaves: [RelationID: [RelationID]] = [:]
    for relation in found.values where relation.kind == .partitionedTable { leaves[relation.id] = [] }
    for row in relations where found[row.id]?.kind != .partitionedTable {
      var above = row.parent
      while let id = above, let parent = found[id] {
        leaves[id, default: []].append(row.id)
        above = parent.parent
      }
    }
    return leaves
  }

  /// What inherits from each table, at any depth, the largest first. A table may inherit from several.
  private func children(_ found: [RelationID: Relation]) -> [RelationID: [RelationID]] {
    var direct: [RelationID: [RelationID]] = [:]
    for row in relations {
      for parent in row.inheritsFrom where found[parent] != nil { direct[parent, default: []].append(row.id) }
    }
    return direct.keys.reduce(into: [:]) { all, id in
      var below: Set<RelationID> = []
      var open = direct[id] ?? []
      while let next = open.popLast() {
        if below.insert(next).inserted { open += direct[next] ?? [] }
      }
      all[id] = below.sorted { left, right in
        let (one, other) = (found[left]?.heapBytes ?? 0, found[right]?.heapBytes ?? 0)
        return one != other ? one > other : left < right
      }
    }
  }

  private func summed(
    _ relation: Relation?, over leaves: [RelationID], in found: [RelationID: Relation],
    indexParts: [RelationID: [IndexRow]]
  ) -> Relation? {
    guard var relation else { return nil }
    let parts = leaves.compactMap { found[$0] }
    relation.leaves = leaves
    let estimates = parts.compactMap(\.rowEstimate)
    relation.rowEstimate = estimates.isEmpty ? nil : estimates.reduce(0, +)
    relation.heapBytes = parts.reduce(0) { $0 + $1.heapBytes }
    relation.indexBytes = parts.reduce(0) { $0 + $1.indexBytes }
    let activities = parts.compactMap(\.activity)
    relation.activity = activities.isEmpty ? nil : activities.reduce(TableActivity(), +)
    borrowStatistics(&relation, from: parts)
    let leafIndexes = Dictionary(parts.flatMap(\.indexes).map { ($0.id, $0) }) { first, _ in first }
    for position in relation.indexes.indices {
      let below = attached(to: relation.indexes[position].id, indexParts).compactMap { leafIndexes[$0] }
      relation.indexes[position].bytes = below.reduce(0) { $0 + $1.bytes }
      relation.indexes[position].scans = below.compactMap(\.scans).reduce(0, +)
    }
    return relation
  }

  /// All indexes of partitions that belong to a parent's index, at any depth.
  private func attached(to index: RelationID, _ parts: [RelationID: [IndexRow]]) -> [RelationID] {
    var found: [RelationID] = []
    var open = [index]
    while let next = open.popLast() {
      let below = (parts[next] ?? []).map(\.id)
      found += below
      open += below
    }
    return found
  }

  /// Autovacuum never analyses a partitioned table itself; the largest analysed partition then speaks for it.
  private func borrowStatistics(_ relation: inout Relation, from parts: [Relation]) {
    let byRows = parts.sorted { ($0.rowEstimate ?? -1, $1.id) > ($1.rowEstimate ?? -1, $0.id) }
    for position in relation.columns.indices where relation.columns[position].nullFraction == nil {
      let name = relation.columns[position].name
      guard let column = byRows.lazy.compactMap({ $0.column(name) }).first(where: { $0.nullFraction != nil }) else {
        continue
      }
      relation.columns[position].averageWidth = column.averageWidth
      relation.columns[position].distinctValues = column.distinctValues
      relation.columns[position].nullFraction = column.nullFraction
      relation.columns[position].correlation = column.correlation
    }
  }
}

extension TableActivity {
  fileprivate static func + (left: TableActivity, right: TableActivity) -> TableActivity {
    TableActivity(
      inserted: left.inserted + right.inserted, updated: left.updated + right.updated,
      hotUpdated: left.hotUpdated + right.hotUpdated, deleted: left.deleted + right.deleted,
      sequentialScans: left.sequentialScans + right.sequentialScans, indexScans: left.indexScans + right.indexScans)
  }
}
