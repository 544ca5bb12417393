// Findings that somebody has accepted, each with a reason and for a time.

import HealthChecks
package import JSON

extension HealthReport {
  /// `[{"fingerprint": "check/object", "reason": "…", "until": "2027-01-31"}]`; a `*` at the end of a fingerprint stands
  /// for any rest. What has expired no longer holds.
  package mutating func suppress(by list: JSONValue) throws(AdviceFailure) {
    guard let entries = list.array ?? list["suppressions"]?.array else {
      throw AdviceFailure(message: "the suppressions are no list", advice: Self.form)
    }
    var accepted: [(pattern: String, reason: String)] = []
    for entry in entries {
      guard let pattern = entry["fingerprint"]?.string, !pattern.isEmpty, pattern != "*",
        let reason = entry["reason"]?.string, !reason.isEmpty, let until = entry["until"]?.string, Self.isDate(until)
      else { throw AdviceFailure(message: "a suppression lacks something", advice: Self.form) }
      if until >= result.surroundings.today {
        accepted.append((pattern, "\(reason) (until \(until))"))
      } else {
        lapsed.append((pattern, until))
      }
    }
    // Of those that have run out only what still is there matters.
    lapsed = lapsed.filter { entry in findings.contains { Self.matches(entry.pattern, $0.fingerprint) } }
    findings = findings.filter { finding in
      guard let match = accepted.first(where: { Self.matches($0.pattern, finding.fingerprint) }) else { return true }
      suppressed.append((finding: finding, reason: match.reason))
      return false
    }
  }

  private static let form =
    "Each needs fingerprint, reason and until, such as "
    + "{\"fingerprint\": \"unused-indexes/app.i\", \"reason\": \"year end\", \"until\": \"2027-01-31\"}"

  private static func matches(_ pattern: String, _ fingerprint: String) -> Bool {
    pattern.hasSuffix("*") ? fingerprint.hasPrefix(pattern.dropLast()) : pattern == fingerprint
  }

  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts.map(\.utf8.count) == [4, 2, 2]
      && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
  }
}
