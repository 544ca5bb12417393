// A workload: statements with weights, resolved and ready to be planned.

package import Database

/// Where a statement was found.
package enum Origin: Sendable, Equatable {
  /// `pg_stat_statements`, with the role it was run by.
  case statistics(role: String?)
  /// A file and the 1-based line.
  case file(path: String, line: Int)
  /// The n-th `--query`, 1-based.
  case argument(Int)

  /// For the report: `pg_stat_statements`, `orders.sql:12`, `--query 1`.
  package var label: String {
    switch self {
    case .statistics(let role): role.map { "pg_stat_statements (\($0))" } ?? "pg_stat_statements"
    case .file(let path, let line): "\(path):\(line)"
    case .argument(let number): "--query \(number)"
    }
  }
}

/// One statement as a source gave it, before anything is resolved.
package struct FoundStatement: Sendable {
  package var text: String
  package var origin: Origin
  /// How often it counts; for statistics this is 1 and `milliseconds` says more.
  package var weight: Double
  /// Total execution time, for statistics only.
  package var milliseconds: Double?
  package var calls: Int64?
  /// Rows returned or affected over all calls, for statistics only.
  package var rows: Int64?
  /// The search path it runs under; nil is the session's own.
  package var searchPath: [String]?

  package init(
    text: String, origin: Origin, weight: Double = 1, milliseconds: Double? = nil, calls: Int64? = nil,
    rows: Int64? = nil, searchPath: [String]? = nil
  ) {
    self.text = text
    self.origin = origin
    self.weight = weight
    self.milliseconds = milliseconds
    self.calls = calls
    self.rows = rows
    self.searchPath = searchPath
  }
}

/// A statement that was not advised on, and why.
package struct SkippedStatement: Sendable, Equatable {
  package var text: String
  package var origin: Origin
  /// PostgreSQL's own words where PostgreSQL refused.
  package var reason: String
  /// Total execution time, where known: the share of time not examined.
  package var milliseconds: Double?
  /// The time limit came first: with more time it may be looked at.
  package var lacksTime = false

  package init(text: String, origin: Origin, reason: String, milliseconds: Double? = nil) {
    self.text = text
    self.origin = origin
    self.reason = reason
    self.milliseconds = milliseconds
  }
}

/// One way to plan a statement: a text and the values bound to it.
package struct PlanVariant: Sendable {
  package var request: PlanRequest
  /// Share of the statement's load, all variants of a query sum to 1.
  package var share: Double

  package init(request: PlanRequest, share: Double) {
    self.request = request
    self.share = share
  }
}

/// A statement of the workload: one fingerprint, one set of relations.
package struct Query: Sendable {
  /// Position in `Workload.queries`.
  package var id: Int
  package var fingerprint: String
  /// As the source spelled it (the heaviest spelling), for people.
  package var text: String
  package var origin: Origin
  package var weight: Double
  package var milliseconds: Double?
  package var calls: Int64?
  package var rows: Int64?
  package var searchPath: [String]
  package var shape: QueryShape
  /// The table that an INSERT writes to.
  package var insertTarget: RelationID?
  /// The table that a DELETE removes rows from.
  package var deleteTarget: RelationID?
  package var variants: [PlanVariant]
  /// What was assumed to plan it: `$3 (LIMIT) taken as 10`, `generic plan`.
  package var assumptions: [String]

  package init(
    id: Int, fingerprint: String, text: String, origin: Origin, weight: Double, milliseconds: Double? = nil,
    calls: Int64? = nil, rows: Int64? = nil, searchPath: [String] = [], shape: QueryShape,
    insertTarget: RelationID? = nil, deleteTarget: RelationID? = nil, variants: [PlanVariant] = [],
    assumptions: [String] = []
  ) {
    self.id = id
    self.fingerprint = fingerprint
    self.text = text
    self.origin = origin
    self.weight = weight
    self.milliseconds = milliseconds
    self.calls = calls
    self.rows = rows
    self.searchPath = searchPath
    self.shape = shape
    self.insertTarget = insertTarget
    self.deleteTarget = deleteTarget
    self.variants = variants
    self.assumptions = assumptions
  }
}

/// The statements to tune for, heaviest first, and what was left out.
package struct Workload: Sendable {
  package var queries: [Query]
  package var skipped: [SkippedStatement]
  package var catalog: Catalog
  /// For how long the server's counters of tables have counted; nil where it does not know.
  package var countedSeconds: Double?

  package init(queries: [Query] = [], skipped: [SkippedStatement] = [], catalog: Catalog = Catalog()) {
    self.queries = queries
    self.skipped = skipped
    self.catalog = catalog
  }
}
