// Index advice as a tool answers it.

import Advisor
import Governance
import JSON
import Terminal

enum IndexAdvice {
  static let budget = ToolParameter(
    "max_index_size_mb",
    ["type": "integer", "minimum": 1, "maximum": 10_000_000, "description": "All new indexes together, in MiB."])
  /// Taken because others have it; there is one method.
  static let method = ToolParameter("method", ["type": "string", "enum": ["dta"]])
  static let output: JSONObject = ["report": ["type": "object"], "verdict": ["type": "string"]]
  /// Under the 60 s after which clients give up.
  private static let time = Duration.seconds(40)

  static func answer(
    _ request: AdviceRequest, _ arguments: ToolArguments, in context: ToolContext
  ) async throws(ToolFailure) -> ToolAnswer {
    var request = request
    request.timeLimit = time
    if let megabytes = arguments.integer("max_index_size_mb") {
      request.storageBudget = Int64(megabytes) << 20
    }
    do {
      let notify = context.clientContext.notify
      let steps = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(8))
      let telling = Task {
        var count = 0.0
        for await step in steps.stream {
          count += 1
          await notify(.progress(count, total: nil, message: step))
        }
      }
      defer {
        steps.continuation.finish()
        telling.cancel()
      }
      let wanted = request
      let advice = try await context.governor.lend(for: context.call, needing: .explain) { session in
        try await Advise(reporting: { _ = steps.continuation.yield($0) }).advice(on: session, for: wanted)
      }
      let report = try JSONValue(parsing: JSONRenderer().render(advice))
      return ToolAnswer(
        text: RowsAnswer.fenced(TextRenderer(style: .plain).render(advice)),
        structured: ["verdict": .string("\(advice.verdict)"), "report": report])
    } catch {
      throw ToolFailure(error)
    }
  }
}
