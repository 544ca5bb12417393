// A posture as text for people; the same for the same facts.

import Database
import Governance
import Terminal

extension Posture {
  func text(style: Style) -> String {
    var lines = ["\(style.bold(coloured(grade.rawValue, style)))  \(grade.meaning)"]
    lines.append(style.dim(escaped("role \(role) in database \(database)")))
    for finding in findings {
      lines += ["", "\(coloured(finding.severity, style))  \(style.bold(finding.id))  \(escaped(finding.seen))"]
      lines += Self.folded(finding.why).map { "  \($0)" }
      lines += finding.remedy.map { style.dim("  > ") + escaped($0) }
    }
    if !unseen.isEmpty {
      lines += ["", style.bold("Not looked at")]
      lines += unseen.map { "  " + escaped("\($0.topic), because \($0.reason)") }
    }
    if grade != .a {
      lines += ["", style.bold("The right role")]
      lines += cure.map { $0.hasPrefix("--") ? style.dim(escaped($0)) : escaped($0) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func coloured(_ letter: String, _ style: Style) -> String {
    switch grade {
    case .a: style.green(letter)
    case .b, .c: style.yellow(letter)
    case .d, .f: style.red(letter)
    }
  }

  private func coloured(_ severity: Severity, _ style: Style) -> String {
    switch severity {
    case .critical: style.red("CRITICAL")
    case .warning: style.yellow("WARNING")
    case .info: style.dim("INFO")
    }
  }

  /// At 100 columns.
  private static func folded(_ text: String) -> [String] {
    text.split(separator: " ").reduce(into: [String]()) { lines, word in
      guard let last = lines.last, last.count + 1 + word.count <= 98 else { return lines.append(String(word)) }
      lines[lines.count - 1] = "\(last) \(word)"
    }
  }
}
