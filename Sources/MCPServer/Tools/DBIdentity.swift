// `db_identity`: which database this is.

import Governance
import JSON
import Terminal

struct DBIdentity: Tool {
  let name = "db_identity"
  let title = "Database identity"
  let summary = "Tells which database, role, server version and time zone a connection has."
  let parameters: [ToolParameter] = [.connection]
  let output: JSONObject = [
    "database": ToolOutput.text, "user": ToolOutput.text, "server_version": ToolOutput.text,
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    do {
      let found = try await context.governor.identity(for: context.call).object ?? [:]
      let lines = found.entries.map { visible("\($0.key): \($0.value.string ?? $0.value.text())") }
      return ToolAnswer(text: fenced(lines.joined(separator: "\n")), structured: found)
    } catch {
      throw ToolFailure(error)
    }
  }
}
