// What each kind of statement needs by itself, before anybody looks at what it holds: one line for each kind.

package import SQLSyntax

/// The class of a kind of statement. PostgreSQL's own `ClassifyUtilityCommandAsReadOnly` answers another question
/// (may a standby or pg_dump run it) and lets DO, CALL, COPY TO PROGRAM, ALTER SYSTEM, LOAD and SET through.
package struct StatementClass: Sendable {
  enum Need: Sendable, Equatable {
    /// What it needs, all of it.
    case permissions([Permission])
    case rejection
    /// `EXPLAIN`, `COPY` and the like: depends on what it holds.
    case contents
  }

  let need: Need
  /// The id of the rule that is named in verdicts.
  let rule: String
  /// What it does, to be put behind the statement's name.
  let reason: String
  let wayOut: String

  init(_ need: Need, _ rule: String, _ reason: String, _ wayOut: String) {
    self.need = need
    self.rule = rule
    self.reason = reason
    self.wayOut = wayOut
  }

  /// The class of a statement's node, nil for a kind that has no decision: such a statement is refused.
  package static func of(_ kind: NodeKind) -> StatementClass? { table[kind] }

  private static let table: [NodeKind: StatementClass] = {
    var table: [NodeKind: StatementClass] = [:]
    for group in allStatementGroups {
      for kind in group.kinds { table[kind] = group.statementClass }
    }
    return table
  }()
}

/// Kinds of statements of one class.
struct StatementGroup: Sendable {
  let kinds: [NodeKind]
  let statementClass: StatementClass

  init(_ kinds: [NodeKind], _ statementClass: StatementClass) {
    self.kinds = kinds
    self.statementClass = statementClass
  }
}
