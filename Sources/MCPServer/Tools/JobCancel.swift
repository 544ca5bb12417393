// `job_cancel`: stops a job, and what it does in the database.

import Governance
import JSON

struct JobCancel: Tool {
  let name = "job_cancel"
  let title = "Cancel a job"
  let summary = "Stops a job that a long call has left running."
  let parameters: [ToolParameter] = [
    ToolParameter("job_id", aliases: ["id"], isRequired: true, ["type": "string"])
  ]
  let output: JSONObject = ["job": ToolOutput.object]
  let hints = ToolHints(isReadOnly: false, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let id = arguments.text("job_id") ?? ""
    guard let job = await context.jobs.cancel(id, for: context.call.caller.principal) else {
      throw Self.absent(context)
    }
    return JobAnswer(job).answer
  }

  static func absent(_ context: ToolContext) -> ToolFailure {
    ToolFailure(
      "not_found", "There is no such job (any more)",
      hint: "Results are kept for \(context.limits.jobLifetime.components.seconds / 60) minutes: call the tool again.")
  }
}
