// From an error that the server reports to ours.

internal import CLibPQ

extension DatabaseError {
  /// The error in `result`. `wasCancelled` tells our own cancelling from a timeout: both have SQLSTATE 57014.
  init(_ result: borrowing ResultHandle, wasCancelled: Bool) {
    let state = result.field(UInt8(ascii: "C"))
    // Errors without a state are libpq's own, about the connection.
    let severity = result.field(UInt8(ascii: "V"))
    let endsSession = state == nil || severity == "FATAL" || severity == "PANIC"
    let primary = result.field(UInt8(ascii: "M"))
    let message = primary ?? String(cString: PQresultErrorMessage(result.pointer))
    self.init(
      code: endsSession ? .connectionLost : Self.code(for: state, wasCancelled: wasCancelled), message: message,
      sqlState: state,
      advice: Self.advice(for: state, hint: result.field(UInt8(ascii: "H"))))
    position = result.field(UInt8(ascii: "P")).flatMap { Int($0) }
  }

  /// https://www.postgresql.org/docs/current/errcodes-appendix.html
  private static func code(for state: String?, wasCancelled: Bool) -> Code {
    switch state {
    case "57014": wasCancelled ? .cancelled : .statementTimeout
    case "55P03": .lockTimeout
    case "42501": .insufficientPrivilege
    default: .server
    }
  }

  private static func advice(for state: String?, hint: String?) -> String? {
    switch state {
    case "58P01":
      "The server's files do not fit the running server: if its packages were upgraded, restart it"
    case "25P03":
      "The server ended the connection because its transaction stood idle"
    default: hint
    }
  }
}
