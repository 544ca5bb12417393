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
    let words = (arguments.text("health_type") ?? "all").utf8.split {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ")
    }
    .map { String(Substring($0)) }
    do {
      let (progress, thresholds, name) = (context.progress, context.thresholds, context.connectionName)
      var last: HealthReport.Circumstances?
      if let name { last = await context.reports.circumstances(of: name, on: words) }
      let policy = try context.hidingPolicy
      let report: HealthReport
      if policy == nil {
        report = try await context.governor.lend(for: context.call, needing: .explain, ours: true) { [last] session in
          try await HealthReport.readForAgents(
            on: session, types: words, thresholds: thresholds, expecting: last, reporting: { progress.report($0) })
        }
      } else {
        report = try await policed(words, expecting: last, in: context)
      }
      let (text, json) = report.textAndJSON(style: .plain)
      if let name { await context.reports.keep(report, on: words, as: json, of: name, under: policy) }
      return ToolAnswer(text: fenced(text), structured: ["report": json])
    } catch {
      var failure = ToolFailure(error)
      if let word = words.first(where: { !HealthReport.typeWords.contains($0) }),
        let near = nearestName(to: word, among: HealthReport.typeWords)
      {
        failure.hint = "Did you mean \(near)? " + (failure.hint ?? "")
      }
      throw failure
    }
  }

  /// What it finds of tables that are as they are for the caller, and of the server.
  private func policed(
    _ words: [String], expecting last: HealthReport.Circumstances?, in context: ToolContext
  ) async throws -> HealthReport {
    let (progress, thresholds) = (context.progress, context.thresholds)
    // What of it is about tables leaves this function only where these are free.
    let checkup = try await context.governor.lend(for: context.call, needing: .explain, ours: true, isJudged: true) {
      session in
      try await HealthReport.readUnderPolicy(
        on: session, types: words, thresholds: thresholds, expecting: last, reporting: { progress.report($0) })
    }
    let names = Set(checkup.tables.map { Governance.TableName(schema: $0.schema, name: $0.name) })
    let free = try await context.governor.free(among: names, for: context.call) ?? []
    return checkup.report(free: Set(free.map { PolicedCheckup.Table(schema: $0.schema, name: $0.name) }))
  }
}
