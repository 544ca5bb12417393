// `list_connections`: where the caller may do something.

import Governance
import JSON

struct ListConnections: Tool {
  let name = "list_connections"
  let title = "List connections"
  let summary = "Lists the databases you can use and what is granted to you on each; call it first."
  let parameters: [ToolParameter] = []
  let output: JSONObject = [
    "connections": ["type": "array"]
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = []

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let caller = context.call.caller
    let found = caller.connections.filter(context.governor.has).map { name in
      (name, (caller.permissions[name] ?? []).sorted().map(\.rawValue))
    }
    let lines = found.map { "\(visible($0.0)): \($0.1.joined(separator: ", "))" }
    return ToolAnswer(
      text: lines.isEmpty ? "Nothing is granted to you." : lines.joined(separator: "\n"),
      structured: [
        "connections": .array(
          found.map { name, permissions in
            ["id": .string(name), "name": .string(name), "permissions": .array(permissions.map { .string($0) })]
          })
      ])
  }
}
