// Index advice as a tool answers it.

import Advisor
import Governance
import JSON
import Terminal

enum IndexAdvice {
  static let budget = ToolParameter(
    "max_index_size_mb",
    ["type": "integer", "minimum": 1, "maximum": 10_000_000])
  /// Taken because others have it; there is one method.
  static let method = ToolParameter("method", ["type": "string", "enum": ["dta"]]).unlisted
  static let time = ToolParameter(
    "time_limit_seconds", aliases: ["max_runtime_seconds", "time_limit"],
    ["type": "integer", "default": 30, "minimum": 1, "maximum": 3600])
  static let output: JSONObject = [
    "report": ["type": "object"], "verdict": ["type": "string"], "job": ["type": "object"],
  ]

  static func answer(
    _ request: AdviceRequest, _ arguments: ToolArguments, in context: ToolContext
  ) async throws(ToolFailure) -> ToolAnswer {
    var request = request
    request.timeLimit =
      arguments.seconds("time_limit_seconds", atMost: context.limits.longestAdvice) ?? .seconds(30)
    if let megabytes = arguments.integer("max_index_size_mb") {
      request.storageBudget = Int64(megabytes) << 20
    }
    do {
      request.searchPath = try context.governor.searchPath(for: context.call)
      let (wanted, progress) = (request, context.progress)
      let advice = try await context.governor.lend(
        for: context.call, needing: .explain, isJudged: request.relations != nil
      ) { session in
        try await Advise(reporting: { progress.report($0) }).advice(on: session, for: wanted)
      }
      var report = try JSONValue(parsing: JSONRenderer().render(advice)).object
      // How the search came to its answer would cost a model tokens and tell it nothing.
      report?["convergence"] = nil
      return ToolAnswer(
        text: fenced(TextRenderer(style: .plain).render(advice)),
        structured: ["verdict": .string("\(advice.verdict)"), "report": report.map { .object($0) } ?? .null])
    } catch {
      throw ToolFailure(error)
    }
  }
}
