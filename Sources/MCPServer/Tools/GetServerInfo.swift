// `server_info`: what this MCP server is and allows.

import Governance
import JSON
import Terminal

struct GetServerInfo: Tool {
  let name = "server_info"
  let title = "Server info"
  let summary = "Tells what this server is, the protocol's version and the bounds of your calls."
  let parameters: [ToolParameter] = [.connection]
  let output: JSONObject = ["name": ["type": "string"], "readonly": ["type": "boolean"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = []

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let granted = context.call.caller.anywhere
    var found: JSONObject = [
      "name": "pgadvisor", "protocol": .string(context.clientContext.protocolVersion),
      "agent": .string(context.call.caller.principal.name),
      "readonly": .bool(granted.isSubset(of: [.explain, .read])),
    ]
    do {
      let bounds = try context.governor.bounds(for: context.call)
      found["max_rows"] = .integer(Int64(bounds.rows))
      found["max_bytes"] = .integer(Int64(bounds.bytes))
      found["statement_timeout_ms"] = .integer(bounds.statementTimeout.components.seconds * 1_000)
    } catch {
      throw ToolFailure(error)
    }
    let lines = found.entries.map { "\($0.key): \($0.value.string ?? $0.value.text())" }
    return ToolAnswer(text: lines.joined(separator: "\n"), structured: found)
  }
}
