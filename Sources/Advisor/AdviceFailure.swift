// The room's one error: why there is no answer, and what to do about it.

package import Database
package import IndexTuner

/// One line of cause, one of cure.
package struct AdviceFailure: Error, Sendable, CustomStringConvertible {
  package var message: String
  package var advice: String?
  /// PostgreSQL's, where the reason is PostgreSQL's.
  package var sqlState: String?
  /// Where in the statement that was given: a byte offset from 0.
  package var position: Int?
  /// The database may be another than the one that was judged; nothing was run.
  package private(set) var isChange = false

  package init(message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }

  package init(_ error: DatabaseError) {
    self.init(message: error.message, advice: error.advice)
    sqlState = error.sqlState
    isChange = error.code == .changed
  }

  package init(_ error: TuningError) { self.init(message: error.message, advice: error.advice) }

  package var description: String {
    guard let advice else { return message }
    return message.hasSuffix(".") ? "\(message) \(advice)" : "\(message). \(advice)"
  }
}
