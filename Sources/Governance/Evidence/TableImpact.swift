// A relation under change: how large, how busy, and who is in the way.

package import JSON

/// A session that holds or wants a lock on a relation. Says nothing of what it runs.
package struct LockHolder: EvidencePart {
  package var processID: Int64
  package var mode: LockMode
  package var isGranted: Bool
  package var application: String
  package var state: String
  /// Of its transaction.
  package var seconds: Double

  package var json: JSONValue {
    .object([
      "pid": .integer(processID), "mode": .string(mode.name), "granted": .bool(isGranted),
      "application": .string(application), "state": .string(state), "seconds": .number(seconds),
    ])
  }

  package init(
    processID: Int64, mode: LockMode, isGranted: Bool, application: String, state: String, seconds: Double
  ) {
    self.processID = processID
    self.mode = mode
    self.isGranted = isGranted
    self.application = application
    self.state = state
    self.seconds = seconds
  }

  package init?(json: JSONValue) {
    guard let processID = json.object?["pid"]?.integer,
      let mode = json.object?["mode"]?.string.flatMap(LockMode.init(name:)),
      let isGranted = json.object?["granted"]?.bool, let application = json.object?["application"]?.string,
      let state = json.object?["state"]?.string, let seconds = json.object?["seconds"]?.double
    else { return nil }
    self.init(
      processID: processID, mode: mode, isGranted: isGranted, application: application, state: state, seconds: seconds)
  }
}

/// What there is to know of a relation before it is changed.
package struct TableImpact: EvidencePart {
  package var relation: String
  /// `table`, `partitioned table`, `index`, `view`, …
  package var kind: String
  /// With indexes, TOAST and partitions.
  package var bytes: Int64
  /// Nil where nobody has counted.
  package var rows: Double?
  /// Partitions and tables that inherit.
  package var children: Int64
  /// Scans of the table and its indexes, on average since statistics are kept; at most, where that is not known.
  package var readsPerSecond: Double
  /// Rows inserted, updated and deleted.
  package var writesPerSecond: Double
  /// Sessions whose lock conflicts with what the statement takes.
  package var conflicting: [LockHolder]

  package init(
    relation: String, kind: String, bytes: Int64, rows: Double?, children: Int64, readsPerSecond: Double,
    writesPerSecond: Double, conflicting: [LockHolder] = []
  ) {
    self.relation = relation
    self.kind = kind
    self.bytes = bytes
    self.rows = rows
    self.children = children
    self.readsPerSecond = readsPerSecond
    self.writesPerSecond = writesPerSecond
    self.conflicting = conflicting
  }

  package var json: JSONValue {
    .object([
      "relation": .string(relation), "kind": .string(kind), "bytes": .integer(bytes), "rows": .optional(rows),
      "children": .integer(children), "reads_per_second": .number(readsPerSecond),
      "writes_per_second": .number(writesPerSecond), "conflicting": .list(conflicting),
    ])
  }

  package init?(json: JSONValue) {
    guard let relation = json.object?["relation"]?.string, let kind = json.object?["kind"]?.string,
      let bytes = json.object?["bytes"]?.integer, let children = json.object?["children"]?.integer,
      let reads = json.object?["reads_per_second"]?.double, let writes = json.object?["writes_per_second"]?.double,
      let conflicting: [LockHolder] = json.parts("conflicting")
    else { return nil }
    self.init(
      relation: relation, kind: kind, bytes: bytes, rows: json.object?["rows"]?.double, children: children,
      readsPerSecond: reads, writesPerSecond: writes, conflicting: conflicting)
  }
}

/// What on the server makes a change wait, or feels it.
package struct ServerPressure: EvidencePart {
  /// Of the longest transaction that is open, in seconds: a lock may wait so long, and a concurrent build does.
  package var longestTransaction: Double?
  package var replicationSlots: Int64
  package var standbys: Int64

  package init(longestTransaction: Double?, replicationSlots: Int64, standbys: Int64) {
    self.longestTransaction = longestTransaction
    self.replicationSlots = replicationSlots
    self.standbys = standbys
  }

  package var json: JSONValue {
    .object([
      "longest_transaction_seconds": .optional(longestTransaction), "replication_slots": .integer(replicationSlots),
      "standbys": .integer(standbys),
    ])
  }

  package init?(json: JSONValue) {
    guard let slots = json.object?["replication_slots"]?.integer, let standbys = json.object?["standbys"]?.integer
    else { return nil }
    self.init(
      longestTransaction: json.object?["longest_transaction_seconds"]?.double, replicationSlots: slots,
      standbys: standbys)
  }
}
