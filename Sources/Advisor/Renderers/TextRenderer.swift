// Advice for a person at a terminal: the headline first, then what to do, then why it can be believed.

import Database
import HealthChecks
import IndexTuner
package import Terminal

/// The report as text, at most about 120 columns wide.
package struct TextRenderer: Renderer {
  package let id = "text"
  package let summary =
    "For a terminal: headline, recommendations, statements, plans before and after, what was examined."

  private let style: Style
  /// Statements whose plans are drawn; the rest is in the JSON report.
  private let drawnPlans = 20
  /// Statements of one recommendation that are printed in full.
  private let longestSequence = 9
  /// Statements whose lack of an index is explained.
  private let explainedStatements = 40

  package init(style: Style) { self.style = style }

  package func render(_ advice: Advice) -> String {
    let sections: [String] = [
      headline(advice), recommendations(advice.tuning), verification(advice), statements(advice.tuning),
      withoutIndex(advice.tuning),
      plans(advice.tuning),
      redundant(advice.tuning), droppable(advice), front(advice.tuning), skipped(advice.tuning), examined(advice),
    ]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private func title(_ text: String) -> String { style.bold(text) }

  // MARK: - Headline

  private func headline(_ advice: Advice) -> String {
    let tuning = advice.tuning
    let count = tuning.recommendations.count
    let wording = Wording(advice)
    var lines = [style.bold(wording.headline)]
    lines.append("  \(escaped(advice.server.database)) on PostgreSQL \(advice.server.version); \(wording.coverage)")
    if let warning = wording.ending { lines.append("  " + style.yellow(warning)) }
    if count > 0 { lines.append("  Nothing was changed: these are statements for you to run.") }
    return lines.joined(separator: "\n")
  }

  // MARK: - Recommendations

  private func recommendations(_ tuning: Tuning) -> String {
    guard !tuning.recommendations.isEmpty else { return "" }
    let blocks = tuning.recommendations.enumerated().map { block($1, rank: $0 + 1, tuning) }
    return title("Recommendations") + "\n\n" + blocks.joined(separator: "\n\n")
  }

  private func block(_ recommendation: Recommendation, rank: Int, _ tuning: Tuning) -> String {
    let statements = recommendation.statements.map { escaped($0) }
    let indent = String(repeating: " ", count: "\(rank). ".count)
    var lines = ["\(rank). " + style.green(statements[0])]
    // A table of many partitions has two statements for each: the rest would bury the report.
    let shown = statements.count > longestSequence ? 4 : statements.count - 1
    lines += statements.dropFirst().prefix(shown).map { indent + style.green($0) }
    if shown < statements.count - 1 {
      let rest = "-- … and so on for every partition: all \(statements.count) are in --format json"
      lines.append(indent + style.dim(rest))
    }
    func fact(_ name: String, _ value: String) {
      lines.append(indent + style.dim(name.padding(to: 12)) + value)
    }
    fact("gain", Wording.gain(recommendation))
    fact("size", Wording.size(recommendation))
    fact("writes", Wording.writes(recommendation.writeCost))
    fact("confidence", Wording.confidence(recommendation.confidence))
    for (position, reason) in recommendation.why.enumerated() { fact(position == 0 ? "why" : "", escaped(reason)) }
    for (position, help) in recommendation.helped.prefix(8).enumerated() {
      let text = Wording.excerpt(of: tuning.outcomes[help.query].query.text, width: 56)
      fact(
        position == 0 ? "helps" : "",
        "#\(help.query + 1)  \(Wording.cost(help.costBefore)) → \(Wording.cost(help.costAfter))"
          + "  (\(Wording.factor(help.costBefore, help.costAfter)))  \(style.dim(text))")
    }
    if recommendation.helped.count > 8 { fact("", "and \(recommendation.helped.count - 8) more") }
    if !recommendation.makesRedundant.isEmpty {
      fact("replaces", recommendation.makesRedundant.map { escaped($0) }.joined(separator: ", "))
    }
    for note in recommendation.notes { fact("note", note) }
    return lines.joined(separator: "\n")
  }

  // MARK: - Verification

  private func verification(_ advice: Advice) -> String {
    guard let verification = advice.verification else { return "" }
    let tables = VerificationTables(verification: verification, tuning: advice.tuning)
    var text = title("Measured on a copy") + "\n  \(escaped(tables.headline))"
    text += "\n\n" + drawn(VerificationTables.indexColumns, tables.indexRows)
    if !tables.statementRows.isEmpty {
      text += "\n\n" + drawn(VerificationTables.statementColumns, tables.statementRows)
    }
    for remark in tables.remarks { text += "\n  " + style.yellow(escaped(remark)) }
    return text
  }

  private func drawn(_ columns: [String], _ rows: [[String]]) -> String {
    var table = Table(
      columns: columns.enumerated().map { .init($1, $0 == columns.count - 1 ? .left : .right) })
    for row in rows { table.add(row) }
    return table.rendered(style: style)
  }

  // MARK: - Statements

  private func statements(_ tuning: Tuning) -> String {
    guard !tuning.outcomes.isEmpty else { return "" }
    let total = max(tuning.loadBefore, .leastNormalMagnitude)
    var table = Table(columns: [
      .init("#", .right), .init("share", .right), .init("calls", .right), .init("cost before", .right),
      .init("after", .right), .init("", .right), .init("indexes", .left), .init("statement", .left),
    ])
    for outcome in tuning.outcomes.prefix(40) {
      table.add([
        "\(outcome.query.id + 1)", formatPercent(outcome.load / total),
        outcome.query.calls.map { formatCount($0) } ?? "", Wording.cost(outcome.costBefore),
        Wording.cost(outcome.costAfter), Wording.factor(outcome.costBefore, outcome.costAfter),
        Wording.indexes(of: outcome),
        Wording.excerpt(of: outcome.query.text, width: 60),
      ])
    }
    var text = title("Statements") + ", heaviest first; costs are the planner's\n\n" + table.rendered(style: style)
    if tuning.outcomes.count > 40 { text += "\nand \(tuning.outcomes.count - 40) more (in the JSON report)" }
    return text
  }

  /// Every statement that gets no index, and why.
  private func withoutIndex(_ tuning: Tuning) -> String {
    let without = tuning.outcomes.filter { !$0.reasons.isEmpty }
    guard !without.isEmpty else { return "" }
    var lines: [String] = []
    for outcome in without.prefix(explainedStatements) {
      for (position, reason) in outcome.reasons.enumerated() {
        let number = position == 0 ? "#\(outcome.query.id + 1)" : ""
        lines.append("  \(number.padding(to: 5)) \(escaped(reason))")
      }
    }
    if without.count > explainedStatements {
      lines.append("  and \(without.count - explainedStatements) more (in the JSON report)")
    }
    return title("Statements without a new or a good index") + ", and why\n\n" + lines.joined(separator: "\n")
  }

  // MARK: - Plans

  private func plans(_ tuning: Tuning) -> String {
    let changed = tuning.outcomes.filter {
      $0.planBefore != nil && $0.planAfter != nil && $0.costAfter != $0.costBefore
    }
    guard !changed.isEmpty else { return "" }
    let drawings = changed.prefix(drawnPlans).map { drawing($0) }
    var text = title("Plans") + ", before (-) and after (+)\n\n" + drawings.joined(separator: "\n\n")
    if changed.count > drawnPlans { text += "\n\nand \(changed.count - drawnPlans) more (in the JSON report)" }
    return text
  }

  private func drawing(_ outcome: QueryOutcome) -> String {
    var lines = ["#\(outcome.query.id + 1)  " + escaped(Wording.excerpt(of: outcome.query.text, width: 100))]
    for assumption in outcome.query.assumptions { lines.append("    " + style.dim("assumed: " + escaped(assumption))) }
    guard let before = outcome.planBefore, let after = outcome.planAfter else { return lines[0] }
    for (change, line) in PlanDifference(from: before, to: after).lines {
      let figures = "\(Wording.cost(line.totalCost).padding(toLeft: 12)) \(Wording.rows(line.rows).padding(toLeft: 11))"
      let body = "\(change.rawValue) \(figures)  \(String(repeating: "  ", count: line.depth))\(escaped(line.label))"
      lines.append("  " + colored(body, change))
      guard change != .kept else { continue }
      let indent = String(repeating: " ", count: 28 + 2 * line.depth)
      for condition in line.conditions {
        lines.append("  " + colored("\(change.rawValue) \(indent)\(Wording.excerpt(of: condition, width: 84))", change))
      }
    }
    return lines.joined(separator: "\n")
  }

  private func colored(_ text: String, _ change: PlanDifference.Change) -> String {
    switch change {
    case .kept: style.dim(text)
    case .removed: style.red(text)
    case .added: style.green(text)
    }
  }

  // MARK: - The rest

  private func redundant(_ tuning: Tuning) -> String {
    guard !tuning.redundant.isEmpty else { return "" }
    let lines = tuning.redundant.map {
      "  \(escaped($0.name)) on \(escaped($0.table)), \(formatBytes($0.bytes)): every search it serves is served by "
        + "recommendation \($0.coveredBy + 1)"
    }
    return title("Existing indexes made superfluous") + "\n\n" + lines.joined(separator: "\n")
  }

  private func droppable(_ advice: Advice) -> String {
    guard !advice.droppable.isEmpty else { return "" }
    let lines = advice.droppable.flatMap { finding in
      ["  \(escaped(finding.seen))"]
        + DroppableIndexes.statements(of: finding).map { "    " + style.green(escaped($0)) }
        + finding.notes.map { "    " + style.dim(escaped($0)) }
    }
    return title("Existing indexes that could go") + "\n\n" + lines.joined(separator: "\n")
  }

  private func front(_ tuning: Tuning) -> String {
    guard tuning.front.count > 1 else { return "" }
    let points = tuning.front.map { (x: Double($0.bytes), y: $0.relativeLoad * 100) }
    let plot = stepPlot(
      points, width: 60, height: 10, xLabel: { formatBytes(Int64($0)) }, yLabel: { "\(formatDecimal($0, places: 0)) %" }
    )
    return title("Size against cost") + ", the Pareto front of the search (100 % is today)\n\n" + plot
  }

  private func skipped(_ tuning: Tuning) -> String {
    guard !tuning.skipped.isEmpty else { return "" }
    var groups: [(reason: String, statements: [SkippedStatement])] = []
    for statement in tuning.skipped {
      if let known = groups.firstIndex(where: { $0.reason == statement.reason }) {
        groups[known].statements.append(statement)
      } else {
        groups.append((statement.reason, [statement]))
      }
    }
    var lines: [String] = []
    for group in groups {
      lines.append("  \(escaped(group.reason)) (\(group.statements.count))")
      for statement in group.statements.prefix(3) {
        lines.append(
          "    " + style.dim(Wording.excerpt(of: statement.text, width: 90) + "  [\(statement.origin.label)]"))
      }
      if group.statements.count > 3 { lines.append("    " + style.dim("and \(group.statements.count - 3) more")) }
    }
    return title("Skipped") + "\n\n" + lines.joined(separator: "\n")
  }

  private func examined(_ advice: Advice) -> String {
    title("Examined") + "\n\n" + Wording(advice).examination.map { "  " + escaped($0) }.joined(separator: "\n")
  }
}
