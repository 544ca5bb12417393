// `analyze_query_indexes`: which indexes would help.

import Advisor
import Governance
import JSON

struct AnalyzeQueryIndexes: Tool {
  let name = "analyze_query_indexes"
  let title = "Indexes for queries"
  let summary = "Recommends indexes for 1 to 10 queries, priced by the planner."
  let parameters: [ToolParameter] = [
    ToolParameter(
      "queries", isRequired: true,
      ["type": "array", "items": ["type": "string"]]),
    IndexAdvice.budget, IndexAdvice.time, IndexAdvice.method, .patience, .connection,
  ]
  let output = IndexAdvice.output
  let hints = ToolHints(isReadOnly: true)
  let unlockedBy: Set<Permission> = [.explain]
  let isLong = true

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let queries = try arguments.texts("queries")
    guard (1...10).contains(queries.count) else {
      throw ToolFailure("bad_arguments", "queries takes 1 to 10 statements, not \(queries.count)")
    }
    let verdict = try await context.admitToPlan(queries)
    var request = AdviceRequest()
    request.usesStatistics = false
    request.queries = queries
    request.relations = try await context.reach(of: queries.map { .statement($0) })
    var answer = try await IndexAdvice.answer(request, arguments, in: context)
    answer.verdict = verdict
    return answer
  }
}
