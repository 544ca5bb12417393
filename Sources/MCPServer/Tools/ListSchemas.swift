// `list_schemas`: the schemas of a database.

import Governance
import JSON
import Terminal

struct ListSchemas: Tool {
  let name = "list_schemas"
  let title = "List schemas"
  let summary = "Lists the schemas of a database with their owner and number of objects."
  let parameters: [ToolParameter] = [
    ToolParameter(
      "include_system", ["type": "boolean", "default": false]),
    .connection,
  ]
  let output: JSONObject = ["schemas": ["type": "array"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let found: JSONValue
    do throws(GovernedFailure) {
      found = try await context.governor.schemas(includesSystem: arguments.flag("include_system"), for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    var table = Table(columns: [.init("schema"), .init("owner"), .init("objects", .right), .init("comment")])
    for schema in found.array ?? [] {
      table.add([
        visible(schema["schema_name"]?.string ?? ""), visible(schema["schema_owner"]?.string ?? ""),
        schema["object_count"]?.integer.map { String($0) } ?? "", visible(schema["comment"]?.string ?? ""),
      ])
    }
    return ToolAnswer(text: fenced(table.rendered()), structured: ["schemas": found])
  }
}
