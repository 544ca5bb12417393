// This run against an earlier one: what is new, worse and gone.

package import HealthChecks
package import JSON

/// Made from an earlier run's JSON. A finding whose check did not look this time is neither here nor gone.
package struct BaselineComparison: Sendable {
  package var new: Set<String> = []
  package var worse: Set<String> = []
  package var gone: [String] = []
  package var notLookedAt: [String] = []
}

extension HealthReport {
  /// - Throws: where it is no report of ours.
  package mutating func compare(with baseline: JSONValue) throws(AdviceFailure) {
    guard let entries = baseline["findings"]?.array else {
      throw AdviceFailure(
        message: "the baseline is no report of pgadvisor health",
        advice: "Make one with pgadvisor health --format json > FILE")
    }
    var before: [String: Severity] = [:]
    var owners: [String: String] = [:]
    for entry in entries {
      guard let fingerprint = entry["fingerprint"]?.string,
        let severity = entry["severity"]?.string.flatMap(Severity.init(rawValue:))
      else { continue }
      before[fingerprint] = max(severity, before[fingerprint] ?? severity)
      owners[fingerprint] = entry["check"]?.string
    }
    var comparison = BaselineComparison()
    var now: Set<String> = []
    for finding in findings {
      now.insert(finding.fingerprint)
      guard let earlier = before[finding.fingerprint] else {
        comparison.new.insert(finding.fingerprint)
        continue
      }
      if finding.severity > earlier { comparison.worse.insert(finding.fingerprint) }
    }
    let looked = Set(result.outcomes.filter { $0.status == .lookedAt }.map(\.id))
    for fingerprint in before.keys.sorted() where !now.contains(fingerprint) {
      if looked.contains(owners[fingerprint] ?? "") {
        comparison.gone.append(fingerprint)
      } else {
        comparison.notLookedAt.append(fingerprint)
      }
    }
    self.comparison = comparison
  }

  /// `new`, `worse` or nothing.
  func change(of finding: Finding) -> String? {
    guard let comparison else { return nil }
    if comparison.new.contains(finding.fingerprint) { return "new" }
    return comparison.worse.contains(finding.fingerprint) ? "worse" : nil
  }

  /// With a baseline, only what is new or worse counts.
  package var verdict: Severity? {
    guard comparison != nil else { return worst }
    return findings.filter { change(of: $0) != nil }.map(\.severity).max()
  }
}
