// The room's one error: why a tuning run could not go on.

package import Database

/// A tuning run ended without an answer. A single statement that cannot be planned is never this: it is skipped.
package struct TuningError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The connection was lost or refused the work.
    case database
    /// HypoPG is not usable in this database.
    case noHypotheticalIndexes
    /// A workload file could not be read.
    case unreadableWorkload
    /// No source gave any statement.
    case emptyWorkload
  }

  package var code: Code
  /// One line for people.
  package var message: String
  /// What to do about it.
  package var advice: String?

  package init(_ code: Code, _ message: String, advice: String? = nil) {
    self.code = code
    self.message = message
    self.advice = advice
  }

  package init(_ error: DatabaseError) {
    self.init(.database, error.message, advice: error.advice)
  }

  package var description: String { advice.map { "\(message). \($0)" } ?? message }
}
