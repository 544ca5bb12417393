// What an operator decides about proposals, and their bounds.

package struct ProposalRules: Sendable, Equatable {
  /// How long a proposal waits for a person, and an approval to be used.
  package var lifetime: Duration = .seconds(86_400)
  /// Of one agent, that wait at a time.
  package var open = 20
  /// Bytes of a statement with its parameters.
  package var textBytes = 100_000
  /// Whoever an agent acts for may approve what it proposes.
  package var allowsOwn = false
  package var lockTimeout: Duration = .seconds(3)
  package var statementTimeout: Duration = .seconds(600)
  /// Of a statement that met a lock, a deadlock or a conflict.
  package var tries = 5
  /// Before the second try; twice as long before each one after it.
  package var pause: Duration = .seconds(1)
  /// Nothing is kept when more than so many times the rows are touched that the dry run has touched.
  package var rowFactor = 2.0

  package init() {}

  /// Names that a statement is bound to.
  static let names = 1_000
  /// Calls before a proposal that are shown with it, of so many of the audit's newest records, and of so many seconds.
  static let earlierCalls = 20
  static let earlierRecords: Int64 = 2_000
  static let earlierSeconds = 3_600
  /// Characters of the statement of each.
  static let earlierText = 300
  /// About a run whose end nobody has told.
  static let questions = 40
}
