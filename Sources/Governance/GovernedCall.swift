// One call as a tool makes it, and how PostgreSQL hears of it.

import Database

package struct GovernedCall: Sendable {
  package var caller: Caller
  package var callID: String
  /// The tool's name, for the audit.
  package var tool: String
  /// nil: the only one the caller can reach.
  package var connection: String?
  package var client: String?
  /// The legacy session.
  package var session: String?
  /// W3C Trace Context's `traceparent`, well-formed.
  package var trace: String?

  package init(caller: Caller, callID: String, tool: String, connection: String?) {
    self.caller = caller
    self.callID = callID
    self.tool = tool
    self.connection = connection
  }

  /// The second part of `traceparent`.
  var traceID: String? {
    guard let parts = trace?.split(separator: "-"), parts.count == 4 else { return nil }
    return String(parts[1])
  }

  /// `pgadvisor AGENT for USER CALL`, what a DBA sees in pg_stat_activity; control characters do not get there.
  var label: String {
    let user = caller.principal.onBehalfOf.map { " for \($0)" } ?? ""
    let text = "pgadvisor \(caller.principal.name)\(user)"
    // Bytes are characters where all are printable ASCII.
    if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) {
      return "\(String(decoding: text.utf8.prefix(46), as: UTF8.self)) \(callID.prefix(16))"
    }
    let plain = String(text.unicodeScalars.map { $0.value >= 32 && $0.value < 127 ? Character($0) : "?" })
    return "\(plain.prefix(46)) \(callID.prefix(16))"
  }

  /// The same in front of the statement, whole, with the trace: what application_name has no room for.
  var comment: StatementComment {
    StatementComment([
      ("action", tool), ("agent", caller.principal.name), ("call", callID), ("traceparent", trace),
      ("user", caller.principal.onBehalfOf),
    ])
  }
}
