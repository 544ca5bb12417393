// A check-up as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.

import Database
import HealthChecks
import Terminal

extension HealthReport {
  /// First what somebody reads who decides, then what somebody reads who repairs.
  package var html: String {
    let server = result.surroundings.server
    let database = Self.markup(server.database)
    var parts = [
      "<!doctype html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
      "<title>Health of \(database)</title>", "<style>\(Self.sheet)</style></head><body>",
      "<h1>Health of \(database)</h1>",
      "<p class=\"about\">\(Self.markup(result.surroundings.today)), PostgreSQL \(Self.markup(server.versionText)), "
        + "\(Self.markup(result.surroundings.platform.rawValue))</p>",
      "<p class=\"headline\">\(Self.markup(verdictInWords))</p>", cards,
    ]
    if !shown.isEmpty { parts += ["<h2>Where it is</h2>", HealthPlots.groups(of: self)] }
    parts += HealthPlots.sizes(of: self).map { ["<h2>What takes the disk</h2>", $0] } ?? []
    parts += changes
    if !shown.isEmpty { parts += ["<h2>What was found</h2>"] + shown.map(section) }
    parts += closing
    return parts.joined(separator: "\n") + "\n</body></html>\n"
  }

  /// For who does not know the names of checks.
  private var verdictInWords: String {
    let (now, planned) = (count(.critical), count(.warning))
    switch (now, planned) {
    case (0, 0): return "Nothing needs to be done. \(headline)"
    case (0, _): return "Nothing is urgent; \(planned == 1 ? "one thing" : "\(planned) things") should be planned."
    case (_, 0): return "\(now == 1 ? "One thing needs" : "\(now) things need") somebody now."
    default:
      return "\(now == 1 ? "One thing needs" : "\(now) things need") somebody now, and "
        + "\(planned == 1 ? "one more" : "\(planned) more") should be planned."
    }
  }

  private var cards: String {
    let meanings: [(Severity, String)] = [
      (.critical, "outage or loss may follow"), (.warning, "should be planned"), (.notice, "worth doing"),
      (.info, "good to know"),
    ]
    let cells = meanings.map { severity, meaning in
      "<div class=\"card \(severity.rawValue)\"><b>\(count(severity))</b> "
        + "\(severity.rawValue)<br><small>\(meaning)</small></div>"
    }
    let covered = "<div class=\"card\"><b>\(lookedAt)</b> checks<br><small>\(Self.markup(coverage))</small></div>"
    let scored = score.map {
      "<div class=\"card\"><b>\($0.value)</b> score<br><small>of 100, over \($0.coverage) % of all there is"
        + "\($0.cappedBy == nil ? "" : "; a critical finding caps it")</small></div>"
    }
    return "<div class=\"cards\">" + cells.joined() + covered + (scored ?? "") + "</div>"
  }

  /// Since an earlier run.
  private var changes: [String] {
    guard let comparison else { return [] }
    var parts = ["<h2>Since the baseline</h2><ul>"]
    parts.append("<li>\(comparison.new.count) new, \(comparison.worse.count) worse, \(comparison.gone.count) gone</li>")
    parts += forecastLines.map { "<li>\(Self.markup($0))</li>" }
    parts += growthLines.map { "<li>\(Self.markup($0))</li>" }
    parts += comparison.gone.prefix(50).map { "<li>gone: <code>\(Self.markup($0))</code></li>" }
    return parts + ["</ul>"]
  }

  private func section(_ finding: Finding) -> String {
    let change = change(of: finding).map { " (\($0))" } ?? ""
    let title = result.outcomes.first { $0.id == finding.check }?.about.title ?? finding.check
    var text = "<section class=\"\(finding.severity.rawValue)\"><h3>\(finding.severity.rawValue)\(change): "
    text += "\(Self.markup(title)), <code>\(Self.markup(finding.object.name))</code></h3>"
    text += "<p>\(Self.markup(finding.seen)).</p><p class=\"why\">\(Self.markup(finding.why))</p>"
    for (words, others) in Self.links(of: finding) {
      let names = others.map { "<code>\(Self.markup($0))</code>" }.joined(separator: ", ")
      text += "<p class=\"link\">\(words) \(names)</p>"
    }
    guard !finding.remedies.isEmpty || !finding.notes.isEmpty else { return text + Self.source(of: finding) }
    text += "<details\(finding.severity >= .warning ? " open" : "")><summary>What helps</summary>"
    for remedy in finding.remedies.prefix(10) {
      text += "<pre>\(Self.markup(remedy.sql))</pre><p class=\"why\">\(Self.markup(Self.effect(of: remedy)))</p>"
    }
    for note in finding.notes { text += "<p class=\"why\">\(Self.markup(note))</p>" }
    return text + "</details>" + Self.source(of: finding)
  }

  private static func source(of finding: Finding) -> String {
    let since = finding.since.map { ", counted since \(markup($0))" } ?? ""
    return "<p class=\"source\">check \(markup(finding.check))\(since)</p></section>"
  }

  private var closing: [String] {
    var parts: [String] = []
    if !suppressed.isEmpty {
      parts.append("<h2>Accepted for the time being</h2><ul>")
      parts += suppressed.map {
        "<li><code>\(Self.markup($0.finding.fingerprint))</code>: \(Self.markup($0.reason))</li>"
      }
      parts.append("</ul>")
    }
    if !notLookedAt.isEmpty {
      parts.append("<h2>Not looked at</h2><p class=\"why\">What stands here is not known to be good.</p><ul>")
      parts += reasons.map {
        "<li><b>\(Self.markup($0.ids.joined(separator: ", ")))</b>: \(Self.markup($0.reason))</li>"
      }
      parts.append("</ul>")
    }
    let surroundings = result.surroundings
    parts.append(
      "<p class=\"source\">Looked as \(Self.markup(surroundings.server.user)), \(Self.markup(surroundings.tier)); "
        + "usage counted "
        + "since \(Self.markup(surroundings.usageSince ?? "an unknown time")).</p>")
    return parts
  }

  static func markup(_ text: String) -> String { xml(escaped(text)) }

  private static let sheet = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;color:#1d1d1f}\
    h1{margin-bottom:0}.about{color:#555;margin-top:0}.headline{font-size:1.4rem;font-weight:600}\
    .cards{display:flex;flex-wrap:wrap;gap:.6rem}.card{flex:1 1 8rem;border-top:5px solid #ccc;background:#f6f6f8;\
    padding:.5rem .8rem}.card b{font-size:1.6rem}.card small{color:#555}\
    section{border-left:5px solid #bbb;padding:.2rem 1rem;margin:1rem 0}section h3{font-size:1rem;margin:.3rem 0}\
    section p{margin:.4rem 0}summary{cursor:pointer}\
    .critical{border-color:#b3261e;fill:#b3261e}.warning{border-color:#c77700;fill:#c77700}\
    .notice{border-color:#3367b0;fill:#3367b0}.info{border-color:#999;fill:#999}.size{fill:#5b6b7f}.grown{fill:#c77700}\
    pre{background:#f3f3f5;padding:.5rem;overflow-x:auto;white-space:pre-wrap}.why{color:#555;font-size:.9rem}\
    .source{color:#777;font-size:.8rem}svg{width:100%;height:auto;max-width:46rem}svg text{font-size:13px;fill:#1d1d1f}\
    code{overflow-wrap:anywhere}
    """
}
