// One statement of a text: its tree, its own words, its place.

/// A parsed statement.
package struct Statement: Sendable {
  /// The statement's node, for instance of the kind `.selectStmt`. Locations in the tree are byte offsets into the
  /// source the statement was parsed from; `location - locationBase` is an offset into `text.utf8`.
  package let node: Node
  /// Exactly this statement: no semicolon, no neighbour, no white space or comments before or after.
  package let text: String
  /// Where `text` begins in the source, in bytes.
  package let offset: Int

  package init(node: Node, text: String, offset: Int) {
    self.node = node
    self.text = text
    self.offset = offset
  }

  package var locationBase: Int { offset }

  package var kind: StatementKind { StatementKind(of: node) }
}

/// What a statement is, as far as planning is concerned.
package enum StatementKind: Sendable, Equatable, CustomStringConvertible {
  /// Also `VALUES` and `TABLE`, and `SELECT INTO`, which creates a table.
  case select
  case insert, update, delete, merge
  /// Everything else, by the name of PostgreSQL's node: "CreateStmt".
  case utility(String)

  init(of node: Node) {
    switch node.kind {
    case .selectStmt: self = .select
    case .insertStmt: self = .insert
    case .updateStmt: self = .update
    case .deleteStmt: self = .delete
    case .mergeStmt: self = .merge
    default:
      let name = "\(node.kind)"
      self = .utility(name.prefix(1).uppercased() + name.dropFirst())
    }
  }

  package var description: String {
    switch self {
    case .select: "SELECT"
    case .insert: "INSERT"
    case .update: "UPDATE"
    case .delete: "DELETE"
    case .merge: "MERGE"
    case .utility(let name): name
    }
  }
}
