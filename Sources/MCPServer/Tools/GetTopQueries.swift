// `get_top_queries`: what costs the server most.

import Advisor
import Governance
import JSON
import Terminal

struct GetTopQueries: Tool {
  let name = "get_top_queries"
  let title = "Top queries"
  let summary = "Lists the statements that cost the server most."
  let parameters: [ToolParameter] = [
    ToolParameter(
      "sort_by",
      [
        "type": "string", "default": "resources",
        "enum": ["resources", "total_time", "mean_time", "total", "mean"],
      ]),
    ToolParameter("limit", ["type": "integer", "default": 10, "minimum": 1, "maximum": 100]),
    .connection,
  ]
  let output: JSONObject = [
    "order": ["type": "string"], "statements": ["type": "array"],
  ]
  let hints = ToolHints(isReadOnly: true)
  let unlockedBy: Set<Permission> = [.explain]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try context.needAllSchemas()
    let order: TopOrder =
      switch arguments.text("sort_by") ?? "resources" {
      case "total_time", "total": .total
      case "mean_time", "mean": .mean
      default: .resources
      }
    do {
      let limit = arguments.integer("limit") ?? 10
      let top = try await context.governor.lend(for: context.call, needing: .explain) { session in
        try await TopQueries.read(on: session, by: order, limit: limit, minimumCalls: 1)
      }
      return ToolAnswer(text: fenced(top.text(style: .plain)), structured: top.json.object ?? [:])
    } catch {
      throw ToolFailure(error)
    }
  }
}
