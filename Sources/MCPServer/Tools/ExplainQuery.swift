// `explain_query`: a plan, with the real indexes or with hypothetical ones.

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
    .sql("One statement, without EXPLAIN."),
    ToolParameter("analyze", ["type": "boolean", "default": false, "description": "Run it, for actual times."]),
    ToolParameter(
      "hypothetical_indexes",
      [
        "type": "array",
        "description": "Each {table, columns, using} or a CREATE INDEX statement.",
      ]),
    .connection,
  ]
  let output: JSONObject = ["plan": ["type": "object"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain]

  func isRecorded(_ arguments: ToolArguments) -> Bool {
    arguments.flag("analyze") && (arguments["hypothetical_indexes"]?.array ?? []).isEmpty
  }

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let text = arguments.text("sql") ?? ""
    let hypothetical = try Self.indexes(arguments["hypothetical_indexes"]?.array ?? [])
    if arguments.flag("analyze") {
      guard hypothetical.isEmpty else {
        throw ToolFailure(
          "bad_arguments", "A hypothetical index cannot be run", hint: "Leave analyze or hypothetical_indexes out.")
      }
      return try await analyzed(text, in: context)
    }
    try await context.admitToPlan([text])
    var request = ExplainRequest(statement: text)
    request.hypotheticalIndexes = hypothetical
    do {
      let wanted = request
      let plan = try await context.governor.lend(for: context.call, needing: .explain) { session in
        try await Explain().plan(on: session, for: wanted)
      }
      return ToolAnswer(text: RowsAnswer.fenced(plan.text(style: .plain)), structured: ["plan": plan.json])
    } catch {
      throw ToolFailure(error)
    }
  }

  /// A run, admitted and bounded like every other; what does more than read is not run for its plan.
  private func analyzed(_ text: String, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let statement = "EXPLAIN (ANALYZE, BUFFERS) \(text)"
    let outcome: GovernedOutcome
    do throws(GovernedFailure) {
      outcome = try await context.governor.outcome(of: statement, for: context.call, within: [.explain, .read])
    } catch {
      throw ToolFailure(error)
    }
    switch outcome {
    case .refused(let verdict): throw ToolFailure(refused: verdict, statement)
    case .finished(let rows, _):
      let plan = visible(lines: rows.cells.compactMap { $0.first ?? nil })
      return ToolAnswer(text: RowsAnswer.fenced(plan), structured: ["plan": ["text": .string(plan)]])
    }
  }

  private func visible(lines: [String]) -> String {
    lines.map { MCPServer.visible($0) }.joined(separator: "\n")
  }

  /// `CREATE INDEX` statements; HypoPG parses them as values.
  private static func indexes(_ values: [JSONValue]) throws(ToolFailure) -> [String] {
    guard values.count <= 64 else { throw ToolFailure("bad_arguments", "At most 64 hypothetical indexes") }
    var statements: [String] = []
    for value in values {
      if let statement = value.string {
        statements.append(statement)
        continue
      }
      let columns = value["columns"]?.array?.compactMap(\.string) ?? []
      guard let table = value["table"]?.string, !columns.isEmpty else {
        throw ToolFailure(
          "bad_arguments", "A hypothetical index has a table and columns",
          hint: "For instance {\"table\": \"orders\", \"columns\": [\"customer_id\"], \"using\": \"btree\"}.")
      }
      let path = table.split(separator: ".").map { quoted(String($0)) }.joined(separator: ".")
      let keys = columns.map { isPlain($0) ? quoted($0) : $0 }.joined(separator: ", ")
      statements.append("CREATE INDEX ON \(path) USING \(quoted(value["using"]?.string ?? "btree")) (\(keys))")
    }
    return statements
  }

  /// A column, and no expression such as `lower(email)`.
  private static func isPlain(_ name: String) -> Bool {
    name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
