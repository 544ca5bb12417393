// A job as tools answer it: while it runs its progress, and when it has ended what the call would have answered.

import Governance
import JSON

struct JobAnswer {
  private let job: JobView

  init(_ job: JobView) { self.job = job }

  static let output: JSONObject = [
    "type": "object", "properties": ["id": ["type": "string"], "status": ["type": "string"]],
  ]

  /// For a job that runs, or that there is nothing else to say of.
  var answer: ToolAnswer {
    let seconds = job.elapsed.components.seconds
    var lines: [String]
    switch job.status {
    case .running:
      lines = ["\(job.tool) still runs, for \(seconds) s now, as the job \(job.id)."]
      lines += job.steps.map { "- \(visible($0))" }
      lines.append("Call job_status with this job_id for its progress and its result, job_cancel to stop it.")
    case .cancelled: lines = ["\(job.tool) was cancelled after \(seconds) s."]
    case .finished, .failed:
      lines = ["\(job.tool) has \(job.status.rawValue) after \(seconds) s: job_status tells what came of it."]
    }
    return ToolAnswer(text: lines.joined(separator: "\n"), structured: ["job": json])
  }

  /// Content and structured content of the call itself, once it has ended, with the job beside it.
  var result: ToolResult {
    guard var result = job.result, job.status != .cancelled else { return ToolResult(answer) }
    if result.structured != nil { result.structured?["job"] = json }
    return result
  }

  private var json: JSONValue {
    let (seconds, attoseconds) = job.elapsed.components
    return [
      "id": .string(job.id), "tool": .string(job.tool), "status": .string(job.status.rawValue),
      "elapsed_seconds": .number(Double(seconds) + (Double(attoseconds) / 1e17).rounded() / 10),
      "progress": .string(job.line), "steps": .array(job.steps.map { .string($0) }),
    ]
  }
}
