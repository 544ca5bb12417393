// A check-up as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.

import Database
import HealthChecks
import Terminal

extension HealthReport {
  package var html: String {
    let server = result.surroundings.server
    let database = Self.markup(server.database)
    var parts = [
      "<!doctype html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
      "<title>Health of \(database)</title>", "<style>\(Self.sheet)</style></head><body>",
      "<h1>Health of \(database)</h1>", "<p class=\"headline\">\(Self.markup(headline))</p>",
      "<p>PostgreSQL \(Self.markup(server.versionText)); \(Self.markup(coverage)); usage counted since "
        + "\(Self.markup(result.surroundings.usageSince ?? "an unknown time")); as \(Self.markup(server.user)), "
        + "\(Self.markup(result.surroundings.tier)).</p>",
      plot,
    ]
    parts += shown.map(section)
    if !notLookedAt.isEmpty {
      parts.append("<h2>Not looked at</h2><ul>")
      parts += notLookedAt.map { "<li><b>\(Self.markup($0.id))</b>: \(Self.markup($0.reason))</li>" }
      parts.append("</ul>")
    }
    return parts.joined(separator: "\n") + "\n</body></html>\n"
  }

  /// Bars, one a group, a part for each severity.
  private var plot: String {
    let groups = CheckGroup.allCases.map { group in
      (
        group,
        findings.filter { finding in
          result.outcomes.contains { $0.id == finding.check && $0.about.group == group }
        }
      )
    }
    let most = max(1, groups.map(\.1.count).max() ?? 1)
    var rows = ["<svg role=\"img\" aria-label=\"findings by group\" width=\"640\" height=\"\(groups.count * 22)\">"]
    for (place, (group, found)) in groups.enumerated() {
      let y = place * 22
      rows.append("<text x=\"0\" y=\"\(y + 15)\">\(group.rawValue)</text>")
      var x = 110
      for severity in Severity.allCases.reversed() {
        let count = found.count { $0.severity == severity }
        guard count > 0 else { continue }
        let width = max(6, count * 460 / most)
        rows.append("<rect class=\"\(severity.rawValue)\" x=\"\(x)\" y=\"\(y + 3)\" width=\"\(width)\" height=\"15\"/>")
        x += width + 1
      }
      rows.append("<text x=\"\(x + 6)\" y=\"\(y + 15)\">\(found.count)</text>")
    }
    return rows.joined() + "</svg>"
  }

  private func section(_ finding: Finding) -> String {
    let change = change(of: finding).map { " (\($0))" } ?? ""
    var text = "<section class=\"\(finding.severity.rawValue)\"><h2>\(finding.severity.rawValue)\(change): "
    text += "\(Self.markup(finding.check)), <code>\(Self.markup(finding.object.name))</code></h2>"
    text += "<p>\(Self.markup(finding.seen)).</p><p class=\"why\">\(Self.markup(finding.why))</p>"
    for remedy in finding.remedies.prefix(10) {
      text += "<pre>\(Self.markup(remedy.sql))</pre><p class=\"why\">\(Self.markup(Self.effect(of: remedy)))</p>"
    }
    for note in finding.notes { text += "<p class=\"why\">\(Self.markup(note))</p>" }
    return text + "</section>"
  }

  private static func markup(_ text: String) -> String { xml(escaped(text)) }

  private static let sheet = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1d1d1f}\
    .headline{font-size:1.4rem;font-weight:600}section{border-left:5px solid #999;padding:.2rem 1rem;margin:1rem 0}\
    section h2{font-size:1rem;margin:.3rem 0}.critical{border-color:#b3261e;fill:#b3261e}\
    .warning{border-color:#c77700;fill:#c77700}.notice{border-color:#3367b0;fill:#3367b0}.info{fill:#999}\
    pre{background:#f3f3f5;padding:.5rem;overflow-x:auto;white-space:pre-wrap}.why{color:#555;font-size:.9rem}\
    svg text{font-size:13px}
    """
}
