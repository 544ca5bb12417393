// Whether a statement runs in a transaction that is kept or not as a whole, or only by itself.

import SQLSyntax

/// How an approved statement has to be run.
package enum RunningForm: Sendable, Equatable {
  case transaction
  /// PostgreSQL refuses it inside a transaction block: what it has done so far stays when it is killed.
  case alone(lookAt: String)

  /// https://www.postgresql.org/docs/current/sql-createindex.html and the pages of the other statements.
  package static func of(_ text: String) -> RunningForm {
    guard let node = (try? parse(text))?.first?.node else { return .transaction }
    let isConcurrent = node.flag(.concurrent)
    switch node.kind {
    case .indexStmt where isConcurrent:
      return .alone(lookAt: invalidIndexes)
    case .dropStmt where isConcurrent:
      return .alone(lookAt: "whether the index is still there, and valid (pg_index.indisvalid)")
    case .reindexStmt: return .alone(lookAt: invalidIndexes)
    case .vacuumStmt, .clusterStmt, .checkPointStmt: return .alone(lookAt: "nothing: it can be proposed again")
    case .alterSystemStmt: return .alone(lookAt: "pg_file_settings: whether the setting stands in postgresql.auto.conf")
    case .createdbStmt, .dropdbStmt, .alterDatabaseStmt: return .alone(lookAt: "pg_database")
    case .createTableSpaceStmt, .dropTableSpaceStmt: return .alone(lookAt: "pg_tablespace")
    case .createSubscriptionStmt, .alterSubscriptionStmt, .dropSubscriptionStmt:
      return .alone(lookAt: "pg_subscription, and pg_replication_slots on the publisher")
    case .alterTableStmt where detaches(node):
      return .alone(lookAt: "pg_inherits.inhdetachpending: ALTER TABLE … DETACH PARTITION … FINALIZE ends it")
    default: return .transaction
    }
  }

  private static let invalidIndexes =
    "invalid indexes: SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid; drop them before it is proposed again"

  private static func detaches(_ node: Node) -> Bool {
    node.children(.cmds).contains { command in
      guard case .node(let definition)? = command[.def] else { return false }
      return definition.flag(.concurrent)
    }
  }
}
