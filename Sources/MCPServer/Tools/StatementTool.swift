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
      var failure = ToolFailure(error)
      if let position = error.position { failure.place = (text, position) }
      if failure.hint == nil { failure.hint = hint(for: error.sqlState) }
      throw failure
    }
    switch outcome {
    case .refused(let verdict): throw ToolFailure(refused: verdict, text)
    case .finished(let rows, _): return RowsAnswer(rows).answer
    }
  }

  /// The next tool to call, where one helps.
  private static func hint(for sqlState: String?) -> String? {
    switch sqlState {
    case "42P01", "3F000": "list_objects shows the tables and views there are."
    case "42703": "describe_table shows the columns."
    case "42883", "42725": "list_objects with kind function shows the functions and their arguments."
    case "57014": "It took too long: ask for less, or look at its plan with explain_query."
    case "42P02", "08P01": "Give a value for each of $1, $2, … in parameters."
    default: nil
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
