// Advice for a pull request or a ticket.

import Database
import HealthChecks
import IndexTuner
import Terminal

/// The report as GitHub-flavoured Markdown.
package struct MarkdownRenderer: Renderer {
  package let id = "markdown"
  package let summary = "For a pull request or a ticket: the same report with tables and folded plans."

  package init() {}

  package func render(_ advice: Advice) -> String {
    let wording = Wording(advice)
    var blocks = ["# Index advice for \(Self.inline(advice.server.database))", "**\(wording.headline)**"]
    blocks.append("PostgreSQL \(advice.server.version); \(wording.coverage).")
    if let ending = wording.ending { blocks.append("> \(ending)") }
    blocks += recommendations(advice.tuning)
    blocks += verification(advice)
    blocks += statements(advice.tuning)
    blocks += withoutIndex(advice.tuning)
    blocks += plans(advice.tuning)
    blocks += redundant(advice.tuning)
    blocks += droppable(advice)
    blocks += front(advice.tuning)
    blocks += skipped(advice.tuning)
    blocks.append("## Examined")
    blocks.append(wording.examination.map { "- \(Self.inline($0))" }.joined(separator: "\n"))
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private func recommendations(_ tuning: Tuning) -> [String] {
    guard !tuning.recommendations.isEmpty else { return [] }
    var blocks = ["## Recommendations"]
    for (position, recommendation) in tuning.recommendations.enumerated() {
      let table = "\(recommendation.index.qualifiedTable) \(recommendation.index.body)"
      blocks.append("### \(position + 1). \(Self.code(table))")
      blocks.append(Self.fenced(recommendation.statements.joined(separator: "\n"), "sql"))
      var facts = [
        "gain: \(Wording.gain(recommendation))",
        "size: \(Wording.size(recommendation))",
        "writes: \(Wording.writes(recommendation.writeCost))",
        "confidence: \(Wording.confidence(recommendation.confidence))",
      ]
      facts += recommendation.why.map { "why: \($0)" }
      let helps = recommendation.helped.map {
        "#\($0.query + 1) \(Wording.cost($0.costBefore)) → \(Wording.cost($0.costAfter))"
      }
      facts.append("helps: \(helps.joined(separator: ", "))")
      if !recommendation.makesRedundant.isEmpty {
        facts.append("replaces: \(recommendation.makesRedundant.joined(separator: ", "))")
      }
      facts += recommendation.notes
      blocks.append(facts.map { "- \(Self.inline($0))" }.joined(separator: "\n"))
    }
    return blocks
  }

  private func verification(_ advice: Advice) -> [String] {
    guard let verification = advice.verification else { return [] }
    let tables = VerificationTables(verification: verification, tuning: advice.tuning)
    var blocks = ["## Measured on a copy", "\(Self.inline(tables.headline))."]
    blocks.append(Self.table(VerificationTables.indexColumns, tables.indexRows))
    if !tables.statementRows.isEmpty {
      blocks.append(Self.table(VerificationTables.statementColumns, tables.statementRows))
    }
    if !tables.remarks.isEmpty { blocks.append(tables.remarks.map { "- \(Self.inline($0))" }.joined(separator: "\n")) }
    return blocks
  }

  private static func table(_ columns: [String], _ rows: [[String]]) -> String {
    let lines = [columns, columns.map { _ in "--:" }] + rows.map { $0.map(inline) }
    return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }

  private func statements(_ tuning: Tuning) -> [String] {
    guard !tuning.outcomes.isEmpty else { return [] }
    let total = max(tuning.loadBefore, .leastNormalMagnitude)
    var rows = [
      "| # | share | calls | cost before | after | | indexes | statement |", "|--:|--:|--:|--:|--:|--:|---|---|",
    ]
    for outcome in tuning.outcomes {
      let cells = [
        "\(outcome.query.id + 1)", formatPercent(outcome.load / total),
        outcome.query.calls.map { formatCount($0) } ?? "", Wording.cost(outcome.costBefore),
        Wording.cost(outcome.costAfter), Wording.factor(outcome.costBefore, outcome.costAfter),
        Wording.indexes(of: outcome),
        Self.code(Wording.excerpt(of: outcome.query.text, width: 80)),
      ]
      rows.append("| \(cells.joined(separator: " | ")) |")
    }
    return ["## Statements", rows.joined(separator: "\n")]
  }

  private func withoutIndex(_ tuning: Tuning) -> [String] {
    let lines = tuning.outcomes.filter { !$0.reasons.isEmpty }.map { outcome in
      "- #\(outcome.query.id + 1): \(Self.inline(outcome.reasons.joined(separator: "; ")))"
    }
    return lines.isEmpty ? [] : ["## Statements without a new or a good index", lines.joined(separator: "\n")]
  }

  private func droppable(_ advice: Advice) -> [String] {
    let lines = advice.droppable.map { finding in
      "- \(Self.inline(finding.seen)): \(DroppableIndexes.statements(of: finding).map(Self.code).joined(separator: " "))"
        + finding.notes.map { "; \(Self.inline($0))" }.joined()
    }
    return lines.isEmpty ? [] : ["## Existing indexes that could go", lines.joined(separator: "\n")]
  }

  private func plans(_ tuning: Tuning) -> [String] {
    var blocks: [String] = []
    for outcome in tuning.outcomes {
      guard let before = outcome.planBefore, let after = outcome.planAfter else { continue }
      let lines = PlanDifference(from: before, to: after).lines.map { change, line in
        "\(change.rawValue) \(Wording.cost(line.totalCost).padding(toLeft: 12))  "
          + String(repeating: "  ", count: line.depth) + escaped(line.label)
      }
      let summary =
        "<summary>#\(outcome.query.id + 1) \(Self.inline(Wording.excerpt(of: outcome.query.text, width: 90)))</summary>"
      blocks.append("<details>\(summary)\n\n\(Self.fenced(lines.joined(separator: "\n"), "diff"))\n\n</details>")
    }
    return blocks.isEmpty ? [] : ["## Plans, before and after"] + blocks
  }

  private func redundant(_ tuning: Tuning) -> [String] {
    guard !tuning.redundant.isEmpty else { return [] }
    let lines = tuning.redundant.map {
      "- \(Self.code($0.name)) on \(Self.code($0.table)), \(formatBytes($0.bytes)): served by recommendation \($0.coveredBy + 1)"
    }
    return ["## Existing indexes made superfluous", lines.joined(separator: "\n")]
  }

  private func front(_ tuning: Tuning) -> [String] {
    guard tuning.front.count > 1 else { return [] }
    let rows = tuning.front.map {
      "| \($0.indexCount) | \(formatBytes($0.bytes)) | \(formatPercent($0.relativeLoad)) |"
    }
    return [
      "## Size against cost", "| indexes | size | remaining load |\n|--:|--:|--:|\n" + rows.joined(separator: "\n"),
    ]
  }

  private func skipped(_ tuning: Tuning) -> [String] {
    guard !tuning.skipped.isEmpty else { return [] }
    let lines = tuning.skipped.map {
      "- \(Self.code(Wording.excerpt(of: $0.text, width: 80))) (\(Self.inline($0.origin.label))): \(Self.inline($0.reason))"
    }
    return ["## Skipped", lines.joined(separator: "\n")]
  }

  // MARK: - Escaping

  /// Text that Markdown and HTML leave alone.
  private static func inline(_ text: String) -> String {
    var safe = ""
    for character in escaped(text) {
      switch character {
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "&": safe += "&amp;"
      case "*", "_", "`", "|", "[", "]", "\\": safe += "\\\(character)"
      default: safe.append(character)
      }
    }
    return safe
  }

  /// A code span whose fence is longer than any run of backquotes inside; `|` is escaped for tables.
  private static func code(_ text: String) -> String {
    let fence = String(repeating: "`", count: longestRun(of: "`", in: text) + 1)
    let body = escaped(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    return "\(fence) \(body) \(fence)"
  }

  private static func fenced(_ text: String, _ language: String) -> String {
    let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
    return "\(fence)\(language)\n\(text)\n\(fence)"
  }

  private static func longestRun(of wanted: Character, in text: String) -> Int {
    var (longest, run) = (0, 0)
    for character in text {
      run = character == wanted ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
