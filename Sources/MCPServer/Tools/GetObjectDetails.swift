// `get_object_details`: the familiar name for one object's description.

import Governance
import JSON
import Terminal

struct GetObjectDetails: Tool {
  let name = "get_object_details"
  let title = "Object details"
  let summary = "Describes one table, view or sequence; the same as describe_table for tables."
  let parameters: [ToolParameter] = [
    TableName.table, TableName.schemaParameter,
    ToolParameter(
      "kind", aliases: ["object_type"],
      ["type": "string", "default": "table", "enum": ["table", "view", "materialized_view", "sequence"]]),
    .connection,
  ]
  let output: JSONObject = ["name": ["type": "string"], "kind": ["type": "string"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let name = TableName(arguments)
    guard arguments.text("kind") == "sequence" else {
      return try await DescribeTable().call(arguments, in: context)
    }
    do {
      let found = try await context.governor.sequence(name.name, in: name.schema, for: context.call)
      guard let sequence = found.object else { throw name.absent }
      let lines = sequence.entries.map { visible("\($0.key): \($0.value.string ?? $0.value.text())") }
      return ToolAnswer(text: fenced(lines.joined(separator: "\n")), structured: sequence)
    } catch {
      throw ToolFailure(error)
    }
  }
}
