// `find_relationships`: declared references, and those that names and types imply.

import Governance
import JSON
import Terminal

struct FindRelationships: Tool {
  let name = "find_relationships"
  let title = "Relationships"
  let summary = "Finds what a table refers to: declared, and implied by column names and types with a confidence."
  let parameters: [ToolParameter] = [TableName.table, TableName.schemaParameter, .connection]
  let output: JSONObject = ["explicit": ["type": "array"], "implied": ["type": "array"]]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let table = TableName(arguments)
    do {
      let declared = try await context.governor.foreignKeys(of: table.name, in: table.schema, for: context.call)
      let implied = try await context.governor.impliedKeys(of: table.name, in: table.schema, for: context.call)
      var lines = (declared.array ?? []).map { visible("declared: \($0["definition"]?.string ?? "")") }
      lines += (implied.array ?? []).map { key in
        visible(
          "\(key["relationship_type"]?.string ?? ""): \(key["column_name"]?.string ?? "") → "
            + "\(key["foreign_schema"]?.string ?? "").\(key["foreign_table"]?.string ?? "")(\(key["foreign_column"]?.string ?? ""))"
        )
      }
      return ToolAnswer(
        text: lines.isEmpty ? "None were found." : fenced(lines.joined(separator: "\n")),
        structured: ["explicit": declared, "implied": implied])
    } catch {
      throw ToolFailure(error)
    }
  }
}
