// The plots of a check-up's page, as SVG: where findings are, and what takes the disk.

import HealthChecks
import Terminal

/// Draws; pure.
enum HealthPlots {
  private static let width = 720
  private static let left = 220
  private static let row = 24

  /// Bars, one for each group that has something, a part for each severity.
  static func groups(of report: HealthReport) -> String {
    let owners = Dictionary(report.result.outcomes.map { ($0.id, $0.about.group) }) { first, _ in first }
    let groups = CheckGroup.allCases.map { group in
      (name: group.rawValue, found: report.findings.filter { owners[$0.check] == group })
    }.filter { !$0.found.isEmpty }
    let most = max(1, groups.map(\.found.count).max() ?? 1)
    let room = width - left - 60
    var rows: [String] = []
    for (place, group) in groups.enumerated() {
      let y = place * row
      rows.append(label(group.name, y))
      var x = left
      for severity in Severity.allCases.reversed() {
        let count = group.found.count { $0.severity == severity }
        guard count > 0 else { continue }
        let width = max(6, count * room / most)
        rows.append(
          "<rect class=\"\(severity.rawValue)\" x=\"\(x)\" y=\"\(y + 4)\" width=\"\(width)\" height=\"16\">"
            + "<title>\(count) \(severity.rawValue)</title></rect>")
        x += width + 1
      }
      rows.append("<text x=\"\(x + 6)\" y=\"\(y + 17)\">\(group.found.count)</text>")
    }
    return svg("findings by group", rows, count: groups.count)
  }

  /// The largest tables; what they have grown by since the baseline is set apart. nil where nothing is known.
  static func sizes(of report: HealthReport) -> String? {
    let tables = report.sizes.filter { $0.object.kind == .table && $0.bytes > 0 }.prefix(10)
    guard let largest = tables.map(\.bytes).max() else { return nil }
    let growth = Dictionary(report.comparison?.growth.map { ($0.object.name, $0.bytes - $0.before) } ?? []) {
      first, _ in first
    }
    let room = Double(width - left - 190)
    var rows: [String] = []
    for (place, table) in tables.enumerated() {
      let y = place * row
      let grown = min(max(0, growth[table.object.name] ?? 0), table.bytes)
      let (old, new) = (
        Int(Double(table.bytes - grown) / Double(largest) * room), Int(Double(grown) / Double(largest) * room)
      )
      rows.append(label(table.object.name, y))
      rows.append("<rect class=\"size\" x=\"\(left)\" y=\"\(y + 4)\" width=\"\(max(2, old))\" height=\"16\"/>")
      if grown > 0 {
        rows.append(
          "<rect class=\"grown\" x=\"\(left + max(2, old))\" y=\"\(y + 4)\" width=\"\(max(2, new))\" height=\"16\"/>")
      }
      let more = grown > 0 ? ", \(formatBytes(grown)) of it new" : ""
      rows.append(
        "<text x=\"\(left + max(2, old) + (grown > 0 ? max(2, new) : 0) + 6)\" y=\"\(y + 17)\">"
          + "\(formatBytes(table.bytes))\(more)</text>")
    }
    let all = report.sizes.first { $0.object.kind == .database }.map { "<p>\(formatBytes($0.bytes)) in all.</p>" } ?? ""
    return all + svg("the largest tables", rows, count: tables.count)
  }

  private static func label(_ text: String, _ y: Int) -> String {
    "<text x=\"\(left - 8)\" y=\"\(y + 17)\" text-anchor=\"end\">\(HealthReport.markup(elided(text, to: 28)))</text>"
  }

  private static func svg(_ name: String, _ rows: [String], count: Int) -> String {
    "<svg role=\"img\" aria-label=\"\(name)\" viewBox=\"0 0 \(width) \(max(1, count) * row)\">" + rows.joined()
      + "</svg>"
  }
}
