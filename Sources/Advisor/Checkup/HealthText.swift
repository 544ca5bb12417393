// A check-up for a person at a terminal: the worst first, then what was not looked at.

import Database
import HealthChecks
package import Terminal

extension HealthReport {
  /// About 100 columns wide.
  package func text(style: Style) -> String { text(style: style, score) }

  func text(style: Style, _ score: HealthScore?) -> String {
    let server = result.surroundings.server
    var lines = [style.bold(headline)]
    let version = server.versionText.split(separator: " ").first.map(String.init) ?? "\(server.majorVersion)"
    lines.append(
      style.dim(escaped("\(server.database) on PostgreSQL \(version), \(result.surroundings.platform.rawValue)")))
    lines.append(style.dim("\(coverage); usage counted since \(result.surroundings.usageSince ?? "an unknown time")"))
    lines.append(style.dim(escaped("as \(server.user), \(result.surroundings.tier)")))
    if let score { lines += Self.folded(escaped(score.line), to: 98).map(style.dim) }
    for finding in shown { lines += [""] + block(finding, style) }
    let below = findings.count - shown.count
    if below > 0 { lines += ["", style.dim("\(below) findings below \(minimumSeverity.rawValue) are not shown")] }
    lines += comparisonLines(style)
    if !suppressed.isEmpty {
      lines += ["", style.bold("Suppressed")]
      lines += suppressed.map { "  " + escaped("\($0.finding.fingerprint): \($0.reason)") }
    }
    if !lapsed.isEmpty {
      lines += ["", style.bold("No longer suppressed")]
      lines += lapsed.prefix(50).map { "  " + escaped("\($0.pattern): only until \($0.until)") }
    }
    if !notLookedAt.isEmpty {
      lines += ["", style.bold("Not looked at")]
      for (ids, reason) in reasons {
        lines += Self.folded(escaped("\(ids.joined(separator: ", ")): \(reason)"), to: 96).enumerated().map {
          ($0 == 0 ? "  " : "    ") + $1
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func block(_ finding: Finding, _ style: Style) -> [String] {
    let change = change(of: finding).map { " (\($0))" } ?? ""
    var lines = [
      "\(Self.label(finding.severity, style))\(change)  \(style.bold(escaped(finding.check)))  "
        + "\(escaped(finding.object.name))"
    ]
    lines += Self.folded(escaped(finding.seen), to: 96).map { "  " + $0 }
    lines += Self.folded(finding.why, to: 96).map { "  " + style.dim($0) }
    for (words, others) in Self.links(of: finding) {
      lines += Self.folded(escaped("\(words) \(others.joined(separator: ", "))"), to: 96).map { "  " + $0 }
    }
    for remedy in finding.remedies.prefix(3) {
      lines += ["  " + style.green("> " + escaped(remedy.sql))]
      lines += Self.folded(Self.effect(of: remedy), to: 94).map { "    " + style.dim($0) }
    }
    if finding.remedies.count > 3 {
      lines.append("  " + style.dim("and \(finding.remedies.count - 3) more statements (--format json)"))
    }
    for note in finding.notes { lines += Self.folded("note: " + escaped(note), to: 96).map { "  " + style.dim($0) } }
    if let since = finding.since { lines.append("  " + style.dim("counted since \(since)")) }
    return lines
  }

  /// What a finding follows from, and what follows from it, by fingerprints; long lists are cut.
  static func links(of finding: Finding) -> [(words: String, others: [String])] {
    [("because of", finding.becauseOf), ("leads to", finding.causes)].compactMap { words, others in
      if others.isEmpty { return nil }
      let more = others.count > 5 ? ["and \(others.count - 5) more"] : []
      return (words, Array(others.prefix(5)) + more)
    }
  }

  private func comparisonLines(_ style: Style) -> [String] {
    guard let comparison else { return [] }
    var lines = ["", style.bold("Since the baseline")]
    lines.append("  \(comparison.new.count) new, \(comparison.worse.count) worse, \(comparison.gone.count) gone")
    lines += forecastLines.map { "  " + escaped($0) }
    lines += growthLines.map { "  " + escaped($0) }
    lines += comparison.gone.prefix(50).map { "  gone: " + escaped($0) }
    if !comparison.notLookedAt.isEmpty {
      lines.append("  \(comparison.notLookedAt.count) could not be looked at again, and are not counted as gone")
    }
    return lines
  }

  static func effect(of remedy: Remedy) -> String {
    var parts = [remedy.lock == .none ? "no lock" : "\(remedy.lock.rawValue) lock: \(remedy.lock.meaning)"]
    parts.append(remedy.time == .instant ? "takes an instant" : "takes \(remedy.time.rawValue)")
    if !remedy.isTransactional { parts.append("not inside a transaction") }
    if let risk = remedy.risk { parts.append(risk) }
    return parts.joined(separator: "; ")
  }

  private static func label(_ severity: Severity, _ style: Style) -> String {
    switch severity {
    case .critical: style.red("CRITICAL")
    case .warning: style.yellow("WARNING")
    case .notice: style.bold("NOTICE")
    case .info: style.dim("INFO")
    }
  }

  static func folded(_ text: String, to width: Int) -> [String] {
    if text.utf8.count <= width, text.isPlain { return [text] }
    var (lines, taken) = ([String](), 0)
    for word in text.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init) {
      let own = displayWidth(String(word))
      if lines.isEmpty || taken + 1 + own > width {
        lines.append(String(word))
        taken = own
      } else {
        lines[lines.count - 1] += " " + word
        taken += 1 + own
      }
    }
    return lines
  }
}

extension String {
  /// Printable ASCII with single spaces between words: as wide as it is long.
  fileprivate var isPlain: Bool {
    var last = UInt8(ascii: " ")
    for byte in utf8 {
      guard (0x20..<0x7f).contains(byte), byte != UInt8(ascii: " ") || last != byte else { return false }
      last = byte
    }
    return last != UInt8(ascii: " ")
  }
}
