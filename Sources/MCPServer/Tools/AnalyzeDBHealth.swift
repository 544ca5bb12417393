// `analyze_db_health`: the health checks.

import Advisor
import Governance
import JSON
import Terminal

struct AnalyzeDBHealth: Tool {
  let name = "analyze_db_health"
  let title = "Database health"
  let summary =
    "Runs the health checks: indexes, connections, vacuum, sequences, replication, buffers and more."
  let parameters: [ToolParameter] = [
    ToolParameter(
      "health_type", aliases: ["types"],
      ["type": "string", "default": "all", "examples": ["index,vacuum"]]),
    .patience, .connection,
  ]
  let output: JSONObject = ["report": ["type": "object"], "job": ["type": "object"]]
  let hints = ToolHints(isReadOnly: true)
  let unlockedBy: Set<Permission> = [.explain]
  let isLong = true

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try context.needAllSchemas()
    let words = (arguments.text("health_type") ?? "all").split { $0 == "," || $0 == " " }.map(String.init)
    do {
      let (progress, thresholds, name) = (context.progress, context.thresholds, context.connectionName)
      var last: HealthReport.Circumstances?
      if let name { last = await context.reports.circumstances(of: name) }
      let report = try await context.governor.lend(for: context.call, needing: .explain, ours: true) { [last] session in
        try await HealthReport.readForAgents(
          on: session, types: words, thresholds: thresholds, expecting: last, reporting: { progress.report($0) })
      }
      let json = report.json
      if let name { await context.reports.keep(report, as: json, of: name) }
      return ToolAnswer(text: fenced(report.text(style: .plain)), structured: ["report": json])
    } catch {
      throw ToolFailure(error)
    }
  }
}
