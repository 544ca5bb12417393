// `list_connections`: where the caller may do something.

import Governance
import JSON

struct ListConnections: Tool {
  let name = "list_connections"
  let title = "List connections"
  let summary = "Lists the databases you can use and your permissions on each; call it first."
  let parameters: [ToolParameter] = []
  let output: JSONObject = ["connections": ToolOutput.objects]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = []

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let caller = context.call.caller
    var connections: [JSONValue] = []
    var lines: [String] = []
    for name in caller.connections {
      guard let (mode, schemas) = context.governor.describe(name) else { continue }
      let permissions = (caller.permissions[name] ?? []).sorted().map(\.rawValue)
      var connection: JSONObject = [
        "id": .string(name), "name": .string(name), "permissions": .array(permissions.map { .string($0) }),
        "mode": .string(mode.rawValue),
      ]
      let proposed = (caller.proposed[name] ?? []).sorted().map(\.rawValue)
      if !proposed.isEmpty { connection["proposed"] = .array(proposed.map { .string($0) }) }
      if let schemas { connection["schemas"] = .array(schemas.map { .string($0) }) }
      connections.append(.object(connection))
      let only = schemas.map { "; schemas \($0.joined(separator: ", "))" } ?? ""
      let words = permissions + proposed.map { "\($0) as a proposal" }
      lines.append(visible("\(name): \(words.joined(separator: ", ")) (\(mode.rawValue)\(only))"))
    }
    return ToolAnswer(
      text: lines.isEmpty ? "Nothing is granted to you." : lines.joined(separator: "\n"),
      structured: ["connections": .array(connections)])
  }
}
