// `describe_table`: a table with all that belongs to it.

import Governance
import JSON
import Terminal

struct DescribeTable: Tool {
  let name = "describe_table"
  let title = "Describe a table"
  let summary =
    "Shows a table's or view's columns, keys, indexes and their use, constraints, triggers, policies."
  let parameters: [ToolParameter] = [
    TableName.table, TableName.schemaParameter,
    ToolParameter("statistics", aliases: ["include_statistics"], ["type": "boolean", "default": false]), .connection,
  ]
  let output: JSONObject = [
    "name": ToolOutput.text, "kind": ToolOutput.text, "columns": ToolOutput.objects,
    "indexes": ToolOutput.objects, "constraints": ToolOutput.objects,
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    try await Self.answer(
      for: TableName(arguments), showsStatistics: arguments.flag("statistics"), in: context)
  }

  static func answer(
    for name: TableName, showsStatistics: Bool, in context: ToolContext
  ) async throws(ToolFailure) -> ToolAnswer {
    let found: JSONValue
    var statistics = JSONValue.null
    do throws(GovernedFailure) {
      found = try await context.governor.object(name.name, kind: "table", in: name.schema, for: context.call)
      if showsStatistics, found != .null {
        statistics = try await context.governor.statistics(of: name.name, in: name.schema, for: context.call)
      }
    } catch {
      throw ToolFailure(error)
    }
    guard var table = found.object else { throw await context.absent(name) }
    if statistics != .null { table["statistics"] = statistics }
    return ToolAnswer(text: fenced(TableDescription(table).text), structured: table)
  }
}
