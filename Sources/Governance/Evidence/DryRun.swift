// What was seen when the statement ran in a transaction that was rolled back.

package import JSON

/// Rows of one table that changed, whoever changed them: the statement, a cascade, a trigger.
package struct TableChange: EvidencePart {
  package var relation: String
  package var inserted: Int64
  package var updated: Int64
  package var deleted: Int64

  package init(relation: String, inserted: Int64, updated: Int64, deleted: Int64) {
    self.relation = relation
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }

  package var json: JSONValue {
    .object([
      "relation": .string(relation), "inserted": .integer(inserted), "updated": .integer(updated),
      "deleted": .integer(deleted),
    ])
  }

  package init?(json: JSONValue) {
    guard let relation = json.object?["relation"]?.string, let inserted = json.object?["inserted"]?.integer,
      let updated = json.object?["updated"]?.integer, let deleted = json.object?["deleted"]?.integer
    else { return nil }
    self.init(relation: relation, inserted: inserted, updated: updated, deleted: deleted)
  }
}

/// A trigger that fired; foreign keys are triggers too.
package struct FiredTrigger: EvidencePart {
  package var name: String
  package var relation: String
  package var calls: Int64

  package init(name: String, relation: String, calls: Int64) {
    self.name = name
    self.relation = relation
    self.calls = calls
  }

  package var json: JSONValue {
    .object(["name": .string(name), "relation": .string(relation), "calls": .integer(calls)])
  }

  package init?(json: JSONValue) {
    guard let name = json.object?["name"]?.string, let relation = json.object?["relation"]?.string,
      let calls = json.object?["calls"]?.integer
    else { return nil }
    self.init(name: name, relation: relation, calls: calls)
  }
}

/// How many bytes of WAL, and how that is known.
package struct WALVolume: EvidencePart {
  package enum Source: String, Sendable {
    /// EXPLAIN (ANALYZE, WAL): the statement's own, without its triggers and cascades.
    case statement
    /// How far the server's WAL moved meanwhile: others have their part in it.
    case server
  }

  package var bytes: Int64
  package var source: Source

  package init(bytes: Int64, source: Source) {
    self.bytes = bytes
    self.source = source
  }

  package var json: JSONValue { .object(["bytes": .integer(bytes), "source": .string(source.rawValue)]) }

  package init?(json: JSONValue) {
    guard let bytes = json.object?["bytes"]?.integer,
      let source = json.object?["source"]?.string.flatMap(Source.init(rawValue:))
    else { return nil }
    self.init(bytes: bytes, source: source)
  }
}

package struct DryRun: EvidencePart {
  package enum Outcome: String, Sendable {
    case succeeded, failed
    case notRun = "not run"
  }

  package var outcome: Outcome
  /// Why it was not run, or why it failed.
  package var reason: String?
  package var sqlState: String?
  package var milliseconds: Double?
  /// As PostgreSQL will say it when the statement is executed; nil where it changes no rows.
  package var rows: Int64?
  package var changes: [TableChange] = []
  package var triggers: [FiredTrigger] = []
  package var wal: WALVolume?
  /// What `pg_locks` said before the end, of relations that were there before.
  package var locks: [LockNeed] = []
  /// Their files were new at the end.
  package var rewritten: [String] = []
  /// Read from beginning to end.
  package var scanned: [String] = []

  package init(_ outcome: Outcome, because reason: String? = nil, sqlState: String? = nil) {
    self.outcome = outcome
    self.reason = reason
    self.sqlState = sqlState
  }

  package var json: JSONValue {
    .object([
      "outcome": .string(outcome.rawValue), "reason": .optional(reason), "sqlstate": .optional(sqlState),
      "milliseconds": .optional(milliseconds), "rows": .optional(rows), "changes": .list(changes),
      "triggers": .list(triggers), "wal": wal?.json ?? .null, "locks": .list(locks), "rewritten": .list(rewritten),
      "scanned": .list(scanned),
    ])
  }

  package init?(json: JSONValue) {
    guard let object = json.object, let outcome = object["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
      let changes: [TableChange] = json.parts("changes"), let triggers: [FiredTrigger] = json.parts("triggers"),
      let locks: [LockNeed] = json.parts("locks"), let rewritten = json.strings("rewritten"),
      let scanned = json.strings("scanned")
    else { return nil }
    self.init(outcome, because: object["reason"]?.string, sqlState: object["sqlstate"]?.string)
    milliseconds = object["milliseconds"]?.double
    rows = object["rows"]?.integer
    self.changes = changes
    self.triggers = triggers
    wal = object["wal"].flatMap(WALVolume.init(json:))
    self.locks = locks
    self.rewritten = rewritten
    self.scanned = scanned
  }
}
