// Why a statement that was admitted came to nothing.

internal import Database

/// Why an admitted statement, or the way to it, failed.
package struct ExecutionFailure: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The catalog could not be read, or led nowhere.
    case gate
    /// PostgreSQL's reason, or the way to it.
    case database
    /// The admission was made for another session.
    case foreignAdmission
  }

  package var code: Code
  package var message: String
  package var sqlState: String?
  package var advice: String?
  /// Byte offset into the statement, when PostgreSQL says where.
  package var position: Int?
  /// The words are not PostgreSQL's: they quote nothing.
  package var isOurs = false
  /// The session was lost: nobody has said what came of it.
  var isLost = false
  /// Under which the statement was admitted; nil where it was not judged.
  var admitted: Verdict?

  package var description: String { advice.map { "\(message). \($0)" } ?? message }

  init(_ code: Code, _ message: String, sqlState: String? = nil, advice: String? = nil) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.advice = advice
  }

  init(_ error: any Error) {
    switch error {
    case let failure as ExecutionFailure: self = failure
    case let error as DatabaseError:
      self.init(.database, error.message, sqlState: error.sqlState, advice: error.advice)
      isLost = error.code == .connectionLost || error.code == .closed
    case let failure as GateFailure: self.init(.gate, failure.message, advice: failure.advice)
    default: self.init(.database, "\(error)")
    }
  }
}
