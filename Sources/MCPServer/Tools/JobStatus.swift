// `job_status`: how far a long call is, and what came of it.

import Governance
import JSON

struct JobStatus: Tool {
  let name = "job_status"
  let title = "Job status"
  let summary = "Tells how far a long call's job is, and its result once it has ended."
  let parameters: [ToolParameter] = [
    ToolParameter("job_id", aliases: ["id"], isRequired: true, ["type": "string"]),
    ToolParameter(
      "wait_seconds",
      ["type": "integer", "default": 0, "minimum": 0, "maximum": 50]),
  ]
  let output: JSONObject = ["job": .object(JobAnswer.output), "report": ["type": "object"]]
  let hints = ToolHints(isReadOnly: true)
  let unlockedBy: Set<Permission> = [.explain]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let id = arguments.text("job_id") ?? ""
    let patience = arguments.seconds("wait_seconds", atMost: context.limits.longestPatience) ?? .zero
    let caller = context.call.caller
    guard let job = await context.jobs.status(id, for: caller.principal, under: caller.policies, waiting: patience)
    else {
      throw JobCancel.absent(context)
    }
    let result = JobAnswer(job).result
    var answer = ToolAnswer(
      text: result.content.first?["text"]?.string ?? "", structured: result.structured ?? [:], isError: result.isError)
    answer.links = Array(result.content.dropFirst())
    return answer
  }
}
