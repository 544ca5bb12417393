// What a check has found.

/// How much a finding matters; by rule, not by mood.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
  case info, notice, warning, critical

  package static func < (left: Severity, right: Severity) -> Bool {
    guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right) else { return false }
    return first < second
  }
}
