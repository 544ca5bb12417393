// What a reviewer is told beside the facts: a safer form, findings, and the way back.

package import JSON

/// The same change with less waiting for others.
package struct SaferForm: EvidencePart {
  /// In order; each is to be run by itself.
  package var statements: [String]
  package var reason: String
  /// It does the same; otherwise it is a pattern that somebody has to complete.
  package var isComplete: Bool

  package init(_ statements: [String], because reason: String, isComplete: Bool = true) {
    self.statements = statements
    self.reason = reason
    self.isComplete = isComplete
  }

  package var json: JSONValue {
    .object(["statements": .list(statements), "reason": .string(reason), "complete": .bool(isComplete)])
  }

  package init?(json: JSONValue) {
    guard let statements = json.strings("statements"), let reason = json.object?["reason"]?.string,
      let isComplete = json.object?["complete"]?.bool
    else { return nil }
    self.init(statements, because: reason, isComplete: isComplete)
  }
}

/// Something about the statement that a reviewer should see.
package struct LintFinding: EvidencePart {
  package enum Severity: String, Sendable, Comparable, CaseIterable {
    case hint, warning, danger

    package static func < (left: Severity, right: Severity) -> Bool { left.place < right.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  package var rule: String
  package var severity: Severity
  package var message: String
  package var wayOut: String?

  package init(_ rule: String, _ severity: Severity, _ message: String, wayOut: String? = nil) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.wayOut = wayOut
  }

  package var json: JSONValue {
    .object([
      "rule": .string(rule), "severity": .string(severity.rawValue), "message": .string(message),
      "way_out": .optional(wayOut),
    ])
  }

  package init?(json: JSONValue) {
    guard let rule = json.object?["rule"]?.string,
      let severity = json.object?["severity"]?.string.flatMap(Severity.init(rawValue:)),
      let message = json.object?["message"]?.string
    else { return nil }
    self.init(rule, severity, message, wayOut: json.object?["way_out"]?.string)
  }
}

/// The way back, or why there is none.
package struct UndoScript: EvidencePart {
  /// In order; empty where there is none.
  package var statements: [String]
  /// What it does not bring back, or what to do before the change instead.
  package var note: String?

  package init(_ statements: [String], note: String? = nil) {
    self.statements = statements
    self.note = note
  }

  package var json: JSONValue { .object(["statements": .list(statements), "note": .optional(note)]) }

  package init?(json: JSONValue) {
    guard let statements = json.strings("statements") else { return nil }
    self.init(statements, note: json.object?["note"]?.string)
  }
}
