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
    Self.sorting,
    ToolParameter("limit", ["type": "integer", "default": 10, "minimum": 1, "maximum": 100]),
    .connection,
  ]
  private static let sorting: ToolParameter = {
    var sorting = ToolParameter(
      "sort_by", aliases: ["order_by", "sortBy"],
      ["type": "string", "default": "resources", "enum": ["resources", "total_time", "mean_time"]])
    sorting.known = ["total", "mean"]
    return sorting
  }()
  let output: JSONObject = [
    "order": ["type": "string"], "statements": ToolOutput.objects,
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
      if let (seen, _) = try await context.recordedUnderPolicy() {
        let top = seen.top(by: order, limit: limit)
        var structured = top.json.object ?? [:]
        structured["note"] = .string(RecordedWorkload.Seen.note)
        return ToolAnswer(
          text: fenced(top.text(style: .plain)) + "\n" + RecordedWorkload.Seen.note, structured: structured)
      }
      let top = try await context.governor.lend(for: context.call, needing: .explain, ours: true) { session in
        try await TopQueries.read(on: session, by: order, limit: limit, minimumCalls: 1)
      }
      return ToolAnswer(text: fenced(top.text(style: .plain)), structured: top.json.object ?? [:])
    } catch {
      throw ToolFailure(error)
    }
  }
}
