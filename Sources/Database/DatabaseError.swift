// The room's one error: what went wrong, in one line, and what to do about it.

/// Why PostgreSQL, or the way to it, did not do what was asked. Carries no password and no statement of ours.
package struct DatabaseError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    // Getting there.
    /// The URL or connection string cannot be read.
    case invalidTarget
    /// The named service is in no service file.
    case serviceNotFound
    /// Nobody answers: no such host, no such socket, or nobody listens.
    case unreachable
    /// No answer in time.
    case connectTimeout
    case wrongPassword
    case passwordMissing
    case noSuchRole
    /// The role has no LOGIN, or no CONNECT privilege on the database.
    case loginNotPermitted
    case noSuchDatabase
    /// The server or pooler insists on TLS.
    case tlsRequired
    /// The client insists on TLS and the server has none.
    case tlsUnsupported
    case certificateNotTrusted
    case certificateHostMismatch
    /// Any other failure of the TLS handshake.
    case tlsFailed
    /// No line of pg_hba.conf lets us in, or one rejects us.
    case refusedByHBA
    /// Another kind of authentication failed (peer, ident, certificate, LDAP, …).
    case authenticationFailed
    case tooManyConnections
    case startingUp
    case shuttingDown
    case serverTooOld
    /// A pooler does not know a startup parameter that was asked for.
    case startupParameterRefused
    /// Any other failure to connect.
    case connectionFailed

    // Being there.
    case connectionLost
    /// `close()` was called.
    case closed
    /// The task was cancelled, or `Session.cancel()` was called; SQLSTATE 57014.
    case cancelled
    /// `statement_timeout`; SQLSTATE 57014.
    case statementTimeout
    /// `lock_timeout`; SQLSTATE 55P03.
    case lockTimeout
    /// An earlier step of the same group failed, so this one was not run.
    case skipped
    case insufficientPrivilege
    /// A transaction is open already, and ours must be the only one.
    case transactionInProgress
    /// A foreign statement was to be run outside of a transaction of ours.
    case noTransaction
    /// The server did not confirm that the transaction reads only.
    case notReadOnly
    /// The transaction is not the one that was begun: what ran in it has ended it.
    case transactionLeft
    /// A row has more bytes than we take; the connection is given up with it.
    case rowTooLarge
    /// Rows fit neither memory nor the place for temporary files.
    case noRoom
    /// Something has changed since a mark, or nobody can tell without asking; what stood behind it has not run.
    case changed
    /// All sessions of a pool are in use, and nobody has given one back in time.
    case busy
    /// A statement or a value holds a zero byte, which PostgreSQL's text cannot.
    case invalidText
    /// This server is too old for what was asked, but not for the rest.
    case unsupported
    /// An answer had another form than the question asked for.
    case protocolViolation
    /// Any other error of PostgreSQL; `sqlState` says which.
    case server
  }

  package var code: Code
  /// One line: PostgreSQL's own words, or ours.
  package var message: String
  package var sqlState: String?
  /// What to do about it, one line.
  package var advice: String?
  /// Where in the statement, in characters from 1, when the server says so.
  package var position: Int?

  package init(code: Code, message: String, sqlState: String? = nil, advice: String? = nil) {
    self.code = code
    self.message = oneLine(message)
    self.sqlState = sqlState
    self.advice = advice.map(oneLine)
  }

  package var description: String { advice.map { "\(message). \($0)" } ?? message }

  static let closed = DatabaseError(code: .closed, message: "the session is closed")

  static let cancelledBeforeStart = DatabaseError(
    code: .cancelled, message: "cancelled before it was sent", sqlState: "57014")

  static let skipped = DatabaseError(code: .skipped, message: "not run, because an earlier step failed")
}

/// Line breaks and the blanks around them become one space.
func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }.joined(separator: " ")
}

func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while rest.first?.isWhitespace == true { rest.removeFirst() }
  while rest.last?.isWhitespace == true { rest.removeLast() }
  return String(rest)
}
