// `explain_query`: a plan, with the real indexes or with hypothetical ones, or with the times of a run that is undone.

import Advisor
import Governance
import JSON
import Terminal

struct ExplainQuery: Tool {
  let name = "explain_query"
  let title = "Explain a query"
  let summary =
    "Shows a statement's plan and where its cost or time goes; hypothetical_indexes are tried without creating them."
  let parameters: [ToolParameter] = [
    .sql(),
    ToolParameter(
      "analyze", ["type": "boolean", "default": false, "description": "Run it, for times; writes are rolled back."]),
    ToolParameter("buffers", ["type": "boolean", "default": true]),
    ToolParameter("format", ["type": "string", "default": "text", "enum": ["text", "json"]]),
    ToolParameter(
      "hypothetical_indexes", aliases: ["hypotheticalIndexes"],
      [
        "type": "array", "description": "CREATE INDEX statements, or {table, columns, using}.",
      ]),
    ToolParameter("verbose", ["type": "boolean"]).unlisted, ToolParameter("settings", ["type": "boolean"]).unlisted,
    ToolParameter("wal", ["type": "boolean"]).unlisted, StatementArguments.parameters.unlisted, .connection,
  ]
  let output: JSONObject = ["plan": ["type": "object"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain]

  func isRecorded(_ arguments: ToolArguments) -> Bool {
    arguments.flag("analyze") && (arguments["hypothetical_indexes"]?.array ?? []).isEmpty
  }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let text = arguments.text("sql") ?? ""
    let values = try StatementArguments.values(arguments)
    let hypothetical = try HypotheticalIndexArgument.statements(arguments["hypothetical_indexes"]?.array ?? [])
    let plan: ExplainedPlan
    var verdict: Verdict?
    if arguments.flag("analyze") {
      guard hypothetical.isEmpty else {
        throw ToolFailure(
          "bad_arguments", "A hypothetical index cannot be run", hint: "Leave analyze or hypothetical_indexes out.")
      }
      plan = try await measured(text, values, arguments, in: context)
    } else {
      var request = ExplainRequest(statement: text)
      request.hypotheticalIndexes = hypothetical
      request.isVerbose = arguments.flag("verbose")
      request.showsSettings = arguments.flag("settings")
      request.values = values
      // What names mean to the gate they mean here.
      do throws(GovernedFailure) { request.searchPath = try context.governor.searchPath(for: context.call) } catch {
        throw ToolFailure(error)
      }
      (plan, verdict) = try await planned(request, in: context)
    }
    var answer = try Self.answer(plan, isJSON: arguments.text("format") == "json")
    answer.verdict = verdict
    return answer
  }

  private func planned(
    _ request: ExplainRequest, in context: ToolContext
  ) async throws(ToolFailure) -> (ExplainedPlan, Verdict?) {
    var request = request
    var verdict: Verdict?
    do {
      let indexes = request.hypotheticalIndexes
      if indexes.isEmpty, let known = context.admittedFromMemory(request.statement) {
        (verdict, request.mark) = known
        do { return (try await plan(request, in: context), verdict) } catch let error as AdviceFailure
          where error.isChange
        {}
        request.mark = nil
      }
      verdict = try await context.admitToPlan([request.statement])
      if !indexes.isEmpty { _ = try await context.reach(of: indexes.map { .index($0) }) }
      return (try await plan(request, in: context), verdict)
    } catch {
      var failure = ToolFailure(error)
      failure.verdict = failure.verdict ?? verdict
      if let position = (error as? AdviceFailure)?.position { failure.place = (request.statement, position) }
      throw failure
    }
  }

  private func plan(_ request: ExplainRequest, in context: ToolContext) async throws -> ExplainedPlan {
    try await context.governor.lend(for: context.call, needing: .explain, isJudged: true) { session in
      try await Explain().plan(on: session, for: request, discarding: true)
    }
  }

  /// A run, admitted and bounded like every other, whose changes are rolled back whatever happens.
  private func measured(
    _ text: String, _ values: [String?], _ arguments: ToolArguments, in context: ToolContext
  ) async throws(ToolFailure) -> ExplainedPlan {
    var options = ["ANALYZE", "FORMAT JSON"]
    // From PostgreSQL 18 on they are shown unless they are declined.
    options.append(arguments.flag("buffers", unlessSaid: true) ? "BUFFERS" : "BUFFERS false")
    for option in ["verbose", "settings", "wal"] where arguments.flag(option) { options.append(option.uppercased()) }
    let prefix = "EXPLAIN (\(options.joined(separator: ", "))) "
    let outcome: GovernedOutcome
    do throws(GovernedFailure) {
      outcome = try await context.governor.outcome(
        of: prefix + text, values, for: context.call, within: [.explain, .read, .write], isRehearsed: true)
    } catch {
      throw ToolFailure(error, in: text, behind: prefix.utf8.count)
    }
    switch outcome {
    case .refused(let verdict), .proposed(let verdict, _):
      throw try await context.refused(verdict, text, behind: prefix.utf8.count)
    case .finished(let rows, _):
      let text = rows.cells.first.flatMap { $0.first ?? nil } ?? ""
      let source = Array(text.utf8)
      do throws(AdviceFailure) { return try ExplainedPlan(parsingRun: source) } catch { throw ToolFailure(error) }
    }
  }

  /// Text is the tree that our reports draw; JSON is what EXPLAIN says.
  private static func answer(_ plan: ExplainedPlan, isJSON: Bool) throws(ToolFailure) -> ToolAnswer {
    var structured: JSONObject = ["plan": plan.json]
    guard isJSON, let source = plan.source else {
      return ToolAnswer(
        text: fenced(plan.text(style: .plain, showsFindings: true)), structured: structured)
    }
    do throws(JSONError) { structured["explain"] = try JSONValue(parsing: source) } catch {
      throw ToolFailure("failed", "EXPLAIN gave no JSON")
    }
    return ToolAnswer(text: fenced(structured["explain"]?.text(pretty: true) ?? ""), structured: structured)
  }
}
