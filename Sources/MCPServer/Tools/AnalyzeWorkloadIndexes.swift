// `analyze_workload_indexes`: which indexes would help.

import Advisor
import Governance
import JSON

struct AnalyzeWorkloadIndexes: Tool {
  let name = "analyze_workload_indexes"
  let title = "Indexes for the workload"
  let summary = "Recommends indexes for the statements that pg_stat_statements has recorded."
  let parameters: [ToolParameter] = [
    IndexAdvice.budget, IndexAdvice.time, IndexAdvice.method, .patience, .connection,
  ]
  let output = IndexAdvice.output
  let hints = ToolHints(isReadOnly: true)
  let unlockedBy: Set<Permission> = [.explain]
  let isLong = true

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try context.needAllSchemas()
    do {
      var request = AdviceRequest()
      if let (seen, relations) = try await context.recordedUnderPolicy() {
        (request.recorded, request.relations) = (seen, relations)
      }
      let answer = try await IndexAdvice.answer(request, arguments, in: context)
      if let name = context.connectionName, let report = answer.structured["report"] {
        await context.reports.keep(report, .advice, of: name, under: try context.hidingPolicy)
      }
      return answer
    } catch {
      throw ToolFailure(error)
    }
  }
}
