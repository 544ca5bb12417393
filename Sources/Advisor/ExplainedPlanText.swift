// An explained plan as a drawn tree, and as JSON.

import Database
package import JSON
package import Terminal

extension ExplainedPlan {
  /// A tree with cost, rows and, where it was run, times; what stands out is marked and said again below.
  /// - Parameter showsFindings: what the run has shown beside times stands below each node.
  package func text(style: Style, showsFindings: Bool = false) -> String {
    var lines: [String] = []
    let titles = isAnalyzed ? ["time (own)", "rows", "estimated"] : ["cost (own)", "rows"]
    let widths = isAnalyzed ? [12, 13, 13] : [16, 13]
    lines.append(style.dim(zip(titles, widths).map { $0.padding(toLeft: $1) }.joined(separator: " ") + "  node"))
    for (position, node) in nodes.enumerated() {
      let figures = zip(self.figures(of: node), widths).map { $0.padding(toLeft: $1) }.joined(separator: " ")
      var line = "\(figures)  \(branch(at: position))\(escaped(node.label))"
      if node.isSlowest {
        line += style.red("  ◀ \(formatPercent(node.ownShare)) of the \(isAnalyzed ? "time" : "cost")")
      }
      if node.isWorstEstimate, let error = node.estimateError {
        line += style.yellow("  ◀ estimate off by \(formatCount(Int64(error.rounded())))x")
      }
      lines.append(line)
      let indent = String(repeating: " ", count: widths.reduce(widths.count + 1, +) + 2 * node.depth + 2)
      for condition in node.conditions + (showsFindings ? node.findings : []) {
        lines.append(indent + style.dim(elided(escaped(condition), to: 100)))
      }
    }
    lines += remarks(style)
    return lines.joined(separator: "\n") + "\n"
  }

  private func figures(of node: ExplainedNode) -> [String] {
    if let own = node.ownMilliseconds {
      return [
        formatDuration(milliseconds: own), node.actualRows.map { formatCount(Int64($0.rounded())) } ?? "never run",
        formatCount(Int64(node.estimatedRows.rounded())),
      ]
    }
    let cost = node.ownShare * plan.root.totalCost
    return [formatDecimal(cost, places: 2), formatCount(Int64(node.estimatedRows.rounded()))]
  }

  /// `├─`, `└─` and the lines that lead down to later siblings.
  private func branch(at position: Int) -> String {
    let depth = nodes[position].depth
    guard depth > 0 else { return "" }
    var text = ""
    for level in 1...depth {
      let rest = nodes[(position + 1)...].prefix { $0.depth >= level }
      let hasSibling = rest.contains { $0.depth == level }
      text += level == depth ? (hasSibling ? "├─" : "└─") : (hasSibling ? "│ " : "  ")
    }
    return text
  }

  /// An expression or a condition is in it.
  private static func isSeenInFrontOnly(_ definition: String) -> Bool {
    definition.count { $0 == "(" } > 1 || definition.lowercased().contains(" where ")
  }

  private func remarks(_ style: Style) -> [String] {
    var remarks: [String] = []
    if isAnalyzed {
      if let planning = plan.planningTime, let execution = plan.executionTime {
        remarks.append(
          "planned in \(formatDuration(milliseconds: planning)), ran for \(formatDuration(milliseconds: execution)), rolled back"
        )
      }
      if let worst = nodes.first(where: { $0.isWorstEstimate }), let actual = worst.actualRows {
        remarks.append(
          "worst row estimate: \(escaped(worst.label)), \(formatCount(Int64(worst.estimatedRows.rounded()))) expected a loop, "
            + "\(formatCount(Int64(actual.rounded()))) in all: run ANALYZE, or add extended statistics")
      }
    } else {
      for (name, value) in plan.settings { remarks.append("\(escaped(name)) = \(escaped(value))") }
      remarks.append("total cost \(formatDecimal(plan.root.totalCost, places: 2)); planned, not run")
    }
    if !usedHypothetical.isEmpty {
      remarks.append("used: \(usedHypothetical.map { escaped($0) }.joined(separator: "; "))")
    }
    if !unusedHypothetical.isEmpty {
      remarks.append("not used: \(unusedHypothetical.map { escaped($0) }.joined(separator: "; "))")
      if unusedHypothetical.contains(where: Self.isSeenInFrontOnly) {
        remarks.append(
          "HypoPG shows the planner indexes on expressions and partial ones only where their table is the first of a query"
        )
      }
    }
    return [""] + remarks.map { style.dim($0) }
  }

  package var json: JSONValue {
    [
      "analyzed": .bool(isAnalyzed), "total_cost": .number(plan.root.totalCost),
      "planning_milliseconds": plan.planningTime.map { .number($0) } ?? .null,
      "execution_milliseconds": plan.executionTime.map { .number($0) } ?? .null,
      "nodes": .array(
        nodes.map { node in
          [
            "depth": .integer(Int64(node.depth)), "node": .string(node.label),
            "conditions": .array(node.conditions.map { .string($0) }), "startup_cost": .number(node.startupCost),
            "total_cost": .number(node.totalCost), "estimated_rows": .number(node.estimatedRows),
            "actual_rows": node.actualRows.map { .number($0) } ?? .null,
            "own_milliseconds": node.ownMilliseconds.map { .number($0) } ?? .null,
            "own_share": .number(node.ownShare), "estimate_error": node.estimateError.map { .number($0) } ?? .null,
            "slowest": .bool(node.isSlowest), "worst_estimate": .bool(node.isWorstEstimate),
          ]
        }),
      "used_hypothetical": .array(usedHypothetical.map { .string($0) }),
      "unused_hypothetical": .array(unusedHypothetical.map { .string($0) }),
    ]
  }
}
