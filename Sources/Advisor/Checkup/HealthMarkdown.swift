// A check-up as Markdown, for an issue or a pull request.

import Database
import HealthChecks
import Terminal

extension HealthReport {
  package var markdown: String {
    let server = result.surroundings.server
    var lines = ["# Health of \(Self.code(server.database))", "", "**\(headline)** \(coverage).", ""]
    if let scoreLine { lines += [Self.plain(scoreLine), ""] }
    if !shown.isEmpty {
      lines += ["| severity | check | object | found |", "|---|---|---|---|"]
      lines += shown.map { finding in
        let change = change(of: finding).map { " (\($0))" } ?? ""
        return "| \(finding.severity.rawValue)\(change) | \(finding.check) | \(Self.code(finding.object.name)) "
          + "| \(Self.plain(finding.seen)) |"
      }
      lines.append("")
    }
    for finding in shown where !finding.remedies.isEmpty {
      lines += ["## \(finding.check): \(Self.code(finding.object.name))", "", Self.plain(finding.why), ""]
      for (words, others) in Self.links(of: finding) {
        lines += ["\(words) \(others.map(Self.code).joined(separator: ", "))", ""]
      }
      lines.append("```sql")
      for remedy in finding.remedies.prefix(10) {
        lines.append("-- " + Self.effect(of: remedy))
        lines.append(escaped(remedy.sql))
      }
      lines += ["```", ""]
    }
    if let comparison {
      lines += ["## Since the baseline", ""]
      lines.append("- \(comparison.new.count) new, \(comparison.worse.count) worse, \(comparison.gone.count) gone")
      lines += forecastLines.map { "- \(Self.plain($0))" }
      lines += growthLines.map { "- \(Self.plain($0))" } + comparison.gone.prefix(50).map { "- gone: \(Self.code($0))" }
      lines.append("")
    }
    if !notLookedAt.isEmpty {
      lines +=
        ["## Not looked at", ""] + reasons.map { "- \($0.ids.joined(separator: ", ")): \(Self.plain($0.reason))" } + [
          ""
        ]
    }
    return lines.joined(separator: "\n")
  }

  /// Names are data: in a code span they can form no link, picture or markup.
  private static func code(_ text: String) -> String {
    let safe = escaped(text)
    let fence = String(repeating: "`", count: longestRun(of: "`", in: safe) + 1)
    let inner = safe.hasPrefix("`") || safe.hasSuffix("`") ? " \(safe) " : safe
    return fence + inner.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|") + fence
  }

  private static func plain(_ text: String) -> String {
    escaped(text).reduce(into: "") { safe, character in
      if "\\`*_[]<>|#!&~".contains(character) { safe.append("\\") }
      safe.append(character)
    }
  }

  private static func longestRun(of wanted: Character, in text: String) -> Int {
    var (longest, current) = (0, 0)
    for character in text {
      current = character == wanted ? current + 1 : 0
      longest = max(longest, current)
    }
    return longest
  }
}
