// `get_foreign_keys`: declared references.

import Governance
import JSON
import Terminal

struct GetForeignKeys: Tool {
  let name = "get_foreign_keys"
  let title = "Foreign keys"
  let summary = "Lists the declared foreign keys of a table, or of a whole schema."
  let parameters: [ToolParameter] = [TableName.optionalTable, TableName.schemaParameter, .connection]
  let output: JSONObject = ["foreign_keys": ToolOutput.objects]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let table = TableName(arguments)
    do {
      let found = try await context.governor.foreignKeys(
        of: table.name.isEmpty ? nil : table.name, in: table.schema, for: context.call)
      if found.array?.isEmpty ?? true { try await Self.needThere(table, in: context) }
      let lines = (found.array ?? []).map { key in
        visible(
          "\(key["table"]?.string ?? "").\(key["constraint_name"]?.string ?? ""): \(key["definition"]?.string ?? "")")
      }
      return ToolAnswer(
        text: lines.isEmpty ? "There are none." : fenced(lines.joined(separator: "\n")),
        structured: ["foreign_keys": found])
    } catch {
      throw ToolFailure(error)
    }
  }

  /// There being none is no answer about a table that is not there.
  private static func needThere(_ table: TableName, in context: ToolContext) async throws {
    guard !table.name.isEmpty else { return try await context.needSchema(table.schema) }
    let found = try await context.governor.object(table.name, kind: "table", in: table.schema, for: context.call)
    if found == .null { throw await context.absent(table) }
  }
}
