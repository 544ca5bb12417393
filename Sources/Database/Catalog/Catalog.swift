// What the catalogue says of the relations a piece of work names: a value, read once, then only looked up.

/// An object identifier of `pg_class`.
package typealias RelationID = UInt32

/// The relations that a workload names, with their columns, indexes and activity. Loaded by `CatalogReader`.
package struct Catalog: Sendable {
  package private(set) var relations: [RelationID: Relation]
  private var byName: [String: [RelationID]]

  package init(_ relations: [Relation] = []) {
    self.relations = [:]
    self.byName = [:]
    for relation in relations { insert(relation) }
  }

  package mutating func insert(_ relation: Relation) {
    if relations.updateValue(relation, forKey: relation.id) == nil {
      byName[relation.name, default: []].append(relation.id)
    }
  }

  package subscript(_ id: RelationID) -> Relation? { relations[id] }

  /// What a name means: the relation in `schema`, or without one the first on `searchPath` (`pg_catalog` is always
  /// looked at first, as the server does unless the path names it).
  package func relation(schema: String?, name: String, searchPath: [String]) -> Relation? {
    guard let candidates = byName[name] else { return nil }
    func inSchema(_ wanted: String) -> Relation? {
      for id in candidates { if let found = relations[id], found.schema == wanted { return found } }
      return nil
    }
    if let schema { return inSchema(schema) }
    for place in searchPath.contains("pg_catalog") ? searchPath : ["pg_catalog"] + searchPath {
      if let found = inSchema(place) { return found }
    }
    return nil
  }
}

/// One table, partitioned table, view, materialized view or foreign table.
package struct Relation: Sendable {
  package enum Kind: String, Sendable {
    case table = "r"
    case partitionedTable = "p"
    case view = "v"
    case materializedView = "m"
    case foreignTable = "f"
    case other = "?"
  }

  package var id: RelationID
  package var schema: String
  package var name: String
  package var kind: Kind
  package var columns: [Column]
  package var indexes: [Index]
  /// The partitioned table this is a direct partition of.
  package var parent: RelationID?
  /// All leaf partitions below, at any depth; empty for anything not partitioned.
  package var leaves: [RelationID]
  /// All tables that inherit from this one without being partitions, at any depth, the largest first: who reads this one
  /// reads them as well, and its indexes are not theirs.
  package var children: [RelationID] = []
  /// `reltuples`, summed over leaves for a partitioned table; nil before the first ANALYZE.
  package var rowEstimate: Double?
  /// Bytes of heap and TOAST; a partitioned table has the sum of its leaves. Views have 0.
  package var heapBytes: Int64
  /// Bytes of all indexes; a partitioned table has the sum of its leaves.
  package var indexBytes: Int64
  /// `pg_get_viewdef`, for views only.
  package var viewDefinition: String?
  /// Counters of `pg_stat_user_tables`; a partitioned table has the sum of its leaves. nil where not readable.
  package var activity: TableActivity?
  /// Of pg_catalog, information_schema, a TOAST schema, or a temporary relation: nothing is ever proposed here.
  package var isSystem: Bool
  package var isUnlogged: Bool
  package var fillfactor: Int

  package init(
    id: RelationID, schema: String, name: String, kind: Kind, columns: [Column] = [], indexes: [Index] = [],
    parent: RelationID? = nil, leaves: [RelationID] = [], rowEstimate: Double? = nil, heapBytes: Int64 = 0,
    indexBytes: Int64 = 0, viewDefinition: String? = nil, activity: TableActivity? = nil, isSystem: Bool = false,
    isUnlogged: Bool = false, fillfactor: Int = 100
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.kind = kind
    self.columns = columns
    self.indexes = indexes
    self.parent = parent
    self.leaves = leaves
    self.rowEstimate = rowEstimate
    self.heapBytes = heapBytes
    self.indexBytes = indexBytes
    self.viewDefinition = viewDefinition
    self.activity = activity
    self.isSystem = isSystem
    self.isUnlogged = isUnlogged
    self.fillfactor = fillfactor
  }

  package func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}

/// One column with the short part of its statistics (`pg_stats`); the long part is `ColumnValues`.
package struct Column: Sendable {
  package var name: String
  /// `attnum`.
  package var number: Int
  /// `format_type`, for instance `character varying(20)`.
  package var typeName: String
  package var typeID: UInt32
  package var isNotNull: Bool
  /// The type has a default btree operator class (through its base type for domains).
  package var isSortable: Bool
  /// The text-like collation sorts by byte, so `LIKE 'abc%'` can use a plain btree.
  package var sortsByByte: Bool
  /// Bytes, from `pg_stats.avg_width`; nil when never analysed or not readable.
  package var averageWidth: Int?
  /// As `pg_stats.n_distinct`: negative is a fraction of the rows.
  package var distinctValues: Double?
  package var nullFraction: Double?
  package var correlation: Double?

  package init(
    name: String, number: Int, typeName: String, typeID: UInt32 = 0, isNotNull: Bool = false, isSortable: Bool = true,
    sortsByByte: Bool = false, averageWidth: Int? = nil, distinctValues: Double? = nil, nullFraction: Double? = nil,
    correlation: Double? = nil
  ) {
    self.name = name
    self.number = number
    self.typeName = typeName
    self.typeID = typeID
    self.isNotNull = isNotNull
    self.isSortable = isSortable
    self.sortsByByte = sortsByByte
    self.averageWidth = averageWidth
    self.distinctValues = distinctValues
    self.nullFraction = nullFraction
    self.correlation = correlation
  }
}

/// One existing index.
package struct Index: Sendable {
  package struct Key: Sendable, Hashable {
    /// The column, or nil for an expression.
    package var column: String?
    /// `pg_get_indexdef` of this key: the column or the expression.
    package var text: String
    package var isDescending: Bool
    package var nullsFirst: Bool
    /// The default operator class of the column's type, and the column's own collation.
    package var isDefault: Bool

    package init(
      column: String?, text: String, isDescending: Bool = false, nullsFirst: Bool = false, isDefault: Bool = true
    ) {
      self.column = column
      self.text = text
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst
      self.isDefault = isDefault
    }
  }

  package var id: RelationID
  package var name: String
  /// `btree`, `hash`, `gin`, `gist`, `spgist`, `brin`, …
  package var method: String
  package var keys: [Key]
  package var included: [String]
  /// The WHERE of a partial index.
  package var predicate: String?
  package var isUnique: Bool
  package var isPrimary: Bool
  /// Backs a PRIMARY KEY, UNIQUE or EXCLUDE constraint, or is the replica identity.
  package var isRequired: Bool
  package var isValid: Bool
  package var bytes: Int64
  /// `idx_scan`; nil where not readable.
  package var scans: Int64?
  /// The whole `pg_get_indexdef`.
  package var definition: String

  package init(
    id: RelationID, name: String, method: String = "btree", keys: [Key], included: [String] = [],
    predicate: String? = nil, isUnique: Bool = false, isPrimary: Bool = false, isRequired: Bool = false,
    isValid: Bool = true, bytes: Int64 = 0, scans: Int64? = nil, definition: String = ""
  ) {
    self.id = id
    self.name = name
    self.method = method
    self.keys = keys
    self.included = included
    self.predicate = predicate
    self.isUnique = isUnique
    self.isPrimary = isPrimary
    self.isRequired = isRequired
    self.isValid = isValid
    self.bytes = bytes
    self.scans = scans
    self.definition = definition
  }
}

/// Counters since the statistics were last reset (`pg_stat_user_tables`).
package struct TableActivity: Sendable, Equatable {
  package var inserted: Int64
  package var updated: Int64
  package var hotUpdated: Int64
  package var deleted: Int64
  package var sequentialScans: Int64
  package var indexScans: Int64

  package init(
    inserted: Int64 = 0, updated: Int64 = 0, hotUpdated: Int64 = 0, deleted: Int64 = 0, sequentialScans: Int64 = 0,
    indexScans: Int64 = 0
  ) {
    self.inserted = inserted
    self.updated = updated
    self.hotUpdated = hotUpdated
    self.deleted = deleted
    self.sequentialScans = sequentialScans
    self.indexScans = indexScans
  }
}

/// The long part of one column's statistics: the values PostgreSQL sampled, as text in the type's output format.
package struct ColumnValues: Sendable, Equatable {
  package var mostCommon: [String]
  /// As long as `mostCommon`; fractions of all rows.
  package var frequencies: [Double]
  /// Ascending, bounds of groups with about the same number of rows, without the most common values.
  package var histogram: [String]

  package init(mostCommon: [String] = [], frequencies: [Double] = [], histogram: [String] = []) {
    self.mostCommon = mostCommon
    self.frequencies = frequencies
    self.histogram = histogram
  }
}
