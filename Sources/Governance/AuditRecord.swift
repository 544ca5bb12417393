// One line of the audit: who called what, what came of it.

/// What is known of one call when it has ended. Written before its answer leaves.
package struct AuditRecord: Sendable, Equatable {
  package enum Outcome: String, Sendable {
    case success, refused, failed, cancelled
    /// It waits for a person.
    case proposed
  }

  /// RFC 3339 in UTC with microseconds.
  package var time: String
  package var duration: Duration
  package var callID: String
  package var principal: Principal
  /// Name and version the client gave for itself; nobody has verified them.
  package var client: String?
  /// The legacy session.
  package var session: String?
  /// The trace id of `traceparent`.
  package var trace: String?
  package var tool: String
  package var connection: String?
  package var sql: String?
  /// The gate's class and rule, when it was asked.
  package var verdict: String?
  package var rule: String?
  package var rows: Int?
  /// SHA-256 of the answer's rows, in hexadecimal: of its first page, as JSON with its brackets.
  package var result: String?
  /// Of the configuration that held.
  package var configuration: String?
  /// The one that was opened, or found.
  package var proposal: String?
  /// Where a policy holds: what ran instead, without keys, and what was hidden from it.
  package var rewritten: String?
  package var masked: [String] = []
  package var filtered: [String] = []
  package var outcome: Outcome
  /// SQLSTATE or the refusal's or failure's short reason, without data.
  package var reason: String?

  package init(
    time: String, duration: Duration, callID: String, principal: Principal, tool: String, outcome: Outcome
  ) {
    self.time = time
    self.duration = duration
    self.callID = callID
    self.principal = principal
    self.tool = tool
    self.outcome = outcome
  }
}

extension AuditRecord {
  /// As `time` is written.
  package static func timeNow() -> String { AuditClock().now() }
}

/// Where records go. Returns only when the record is where it belongs.
package protocol AuditLog: Sendable {
  /// - Throws: when the record could not be kept: the call's answer must not leave then.
  func append(_ record: AuditRecord) async throws(AuditFailure)
}

/// Why a record could not be kept.
package struct AuditFailure: Error, Sendable, CustomStringConvertible {
  package var message: String

  package init(message: String) { self.message = message }

  package var description: String { message }
}
