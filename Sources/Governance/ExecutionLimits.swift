// What one call may take, and what is kept of it for the next ones.

package import Database

/// What one call may take.
package struct ExecutionLimits: Sendable, Equatable {
  /// Fewer bytes than fit into 1 MB together with what is said about them: the official Python client gives up a stream
  /// whose event has more.
  package var rows = RowLimits(bytes: 900 << 10)
  package var bounds = TransactionBounds()
  package var kept = KeptLimits()
  /// Stands in front of the statement.
  package var comment: StatementComment?

  package init() {}
}

/// What is taken of a result beyond the answer's own rows, so that the next ones need no second run.
package struct KeptLimits: Sendable, Equatable {
  /// As many times the rows and bytes of the answer; 1 keeps nothing.
  package var pages = 10
  /// Of all pages behind the first.
  package var bytes = 64 << 20

  package init() {}
}
