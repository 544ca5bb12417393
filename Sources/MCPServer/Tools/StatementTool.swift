// What the tools that run statements have in common: one for each permission, and one that routes.

import Governance
import JSON

/// The statement, its parameters and the number of rows.
enum StatementArguments {
  static let parameters = ToolParameter(
    "parameters", aliases: ["params"], ["type": "array", "description": "Values of $1, $2, …"])
  static let rows = ToolParameter(
    "max_rows", aliases: ["maxRows", "row_limit", "limit"],
    ["type": "integer", "minimum": 1, "maximum": 10_000, "description": "Fewer rows than the connection allows."])

  static func run(
    _ arguments: ToolArguments, in context: ToolContext, within permissions: Set<Permission>
  ) async throws(ToolFailure) -> ToolAnswer {
    let text = arguments.text("sql") ?? ""
    let values = try (arguments["parameters"]?.array ?? []).map { value throws(ToolFailure) in try bound(value) }
    let outcome: GovernedOutcome
    do throws(GovernedFailure) {
      outcome = try await context.governor.outcome(
        of: text, values, for: context.call, within: permissions, rows: arguments.integer("max_rows"))
    } catch {
      throw ToolFailure(error)
    }
    switch outcome {
    case .refused(let verdict): throw ToolFailure(refused: verdict, text)
    case .finished(let rows, _): return RowsAnswer(rows).answer
    }
  }

  /// As PostgreSQL reads it from text.
  private static func bound(_ value: JSONValue) throws(ToolFailure) -> String? {
    switch value {
    case .null: nil
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): String(number)
    case .number(let number): "\(number)"
    case .string(let text): text
    case .array, .object: value.text()
    }
  }
}
