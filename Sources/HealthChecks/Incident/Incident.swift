// What a person wants to see again and again while something is wrong: connections, locks, statements, replication.

/// One look at a server.
package struct Incident: Sendable, Equatable {
  /// Seen, or why it was not.
  package enum Part<Value: Sendable & Equatable>: Sendable, Equatable {
    case seen(Value)
    case notLookedAt(String)
  }

  /// By the server's clock.
  package var time: String
  package var connections: Part<ConnectionCounts>
  package var locks: Part<LockTree>
  /// The longest running first.
  package var statements: Part<[RunningStatement]>
  package var replication: Part<[ReplicationLink]>

  package init(
    time: String, connections: Part<ConnectionCounts>, locks: Part<LockTree>, statements: Part<[RunningStatement]>,
    replication: Part<[ReplicationLink]>
  ) {
    self.time = time
    self.connections = connections
    self.locks = locks
    self.statements = statements
    self.replication = replication
  }
}

/// Client connections by what they do.
package struct ConnectionCounts: Decodable, Sendable, Equatable {
  package var time: String
  package var all: Int64
  /// What ordinary roles may have.
  package var limit: Int64
  package var active: Int64
  package var waiting: Int64
  package var idle: Int64
  package var idleInTransaction: Int64
  /// Of other roles, whose state we may not see.
  package var hidden: Int64
  /// Seconds; nil where no transaction is open.
  package var oldestTransaction: Double?

  package init(
    time: String = "", all: Int64, limit: Int64, active: Int64, waiting: Int64, idle: Int64, idleInTransaction: Int64,
    hidden: Int64 = 0, oldestTransaction: Double? = nil
  ) {
    self.time = time
    self.all = all
    self.limit = limit
    self.active = active
    self.waiting = waiting
    self.idle = idle
    self.idleInTransaction = idleInTransaction
    self.hidden = hidden
    self.oldestTransaction = oldestTransaction
  }
}

/// A statement at work.
package struct RunningStatement: Decodable, Sendable, Equatable {
  package var pid: Int64
  package var who: String
  package var seconds: Double
  package var waits: String?
  package var text: String

  package init(pid: Int64, who: String, seconds: Double, waits: String?, text: String) {
    self.pid = pid
    self.who = who
    self.seconds = seconds
    self.waits = waits
    self.text = text
  }
}

/// A standby, a slot, or what this replica lags behind.
package struct ReplicationLink: Decodable, Sendable, Equatable {
  package enum Kind: String, Decodable, Sendable { case standby, slot, replica }

  package var kind: Kind
  package var name: String
  package var state: String
  /// Of WAL that is not replayed, or that a slot keeps.
  package var bytes: Int64?
  /// Behind, for a replica.
  package var seconds: Double?

  package init(kind: Kind, name: String, state: String, bytes: Int64?, seconds: Double? = nil) {
    self.kind = kind
    self.name = name
    self.state = state
    self.bytes = bytes
    self.seconds = seconds
  }
}
