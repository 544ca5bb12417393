// `server_info`: what this MCP server is and allows.

import Governance
import JSON
import Terminal

struct GetServerInfo: Tool {
  let name = "server_info"
  let title = "Server info"
  let summary = "Tells what this server is, the protocol's version and the bounds of your calls."
  let parameters: [ToolParameter] = [.connection]
  let output: JSONObject = [
    "name": ToolOutput.text, "version": ToolOutput.text, "readonly": ToolOutput.flag,
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = []

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let caller = context.call.caller
    var granted = caller.anywhere.union(caller.proposedAnywhere)
    var found: JSONObject = [
      "name": "pgadvisor", "version": .string(context.version),
      "protocol": .string(context.clientContext.protocolVersion), "agent": .string(caller.principal.name),
    ]
    if let user = caller.principal.onBehalfOf { found["user"] = .string(user) }
    // Of one connection: the one that is named, or the only one.
    if context.call.connection != nil || caller.connections.filter(context.governor.has).count == 1 {
      do throws(GovernedFailure) {
        let name = try context.governor.connectionName(for: context.call)
        let bounds = try context.governor.bounds(for: context.call)
        granted = (caller.permissions[name] ?? []).union(caller.proposed[name] ?? [])
        found["connection"] = .string(name)
        found["max_rows"] = .integer(Int64(bounds.rows))
        found["max_bytes"] = .integer(Int64(bounds.bytes))
        found["statement_timeout_ms"] = .integer(bounds.statementTimeout.components.seconds * 1_000)
      } catch {
        throw ToolFailure(error)
      }
    }
    found["readonly"] = .bool(granted.isSubset(of: [.explain, .read]))
    let lines = found.entries.map { visible("\($0.key): \($0.value.string ?? $0.value.text())") }
    return ToolAnswer(text: lines.joined(separator: "\n"), structured: found)
  }
}
