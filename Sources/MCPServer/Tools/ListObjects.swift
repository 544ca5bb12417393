// `list_objects`: what is in a schema, page by page.

import Governance
import JSON
import Terminal

struct ListObjects: Tool {
  let name = "list_objects"
  let title = "List objects"
  let summary = "Lists a schema's tables, views, functions or other objects; without a schema, the schemas."
  let parameters: [ToolParameter] = [
    ToolParameter("schema", aliases: ["schema_name"], ["type": "string"]),
    ToolParameter(
      "kind", aliases: ["object_type"],
      [
        "type": "string", "default": "table",
        "enum": ["table", "view", "materialized_view", "sequence", "function", "extension", "type"],
      ]),
    ToolParameter(
      "filter", aliases: ["nameFilter", "name_pattern"], ["type": "string", "description": "Part of the name."]),
    ToolParameter("cursor", ["type": "string"]),
    .connection,
  ]
  let output: JSONObject = [
    "schema": ["type": "string"], "objects": ["type": "array"],
    "schemas": ["type": "array"], "next_cursor": ["type": "string"],
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]
  private static let page = 100

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    guard let schema = arguments.text("schema") else { return try await schemas(in: context) }
    let found: [JSONValue]
    do throws(GovernedFailure) {
      found =
        try await context.governor.objects(
          in: schema, kind: arguments.text("kind") ?? "table", filter: arguments.text("filter"),
          after: arguments.text("cursor"), limit: Self.page, for: context.call
        ).array ?? []
    } catch {
      throw ToolFailure(error)
    }
    var table = Table(columns: [
      .init("name"), .init("kind"), .init("rows", .right), .init("size", .right), .init("comment"),
    ])
    for object in found {
      table.add([
        visible(object["name"]?.string ?? ""), object["kind"]?.string ?? "",
        object["estimated_rows"]?.integer.map { formatCount($0) } ?? "",
        object["bytes"]?.integer.map { formatBytes($0) } ?? "", visible(object["comment"]?.string ?? ""),
      ])
    }
    let next = found.count == Self.page ? found.last?["name"]?.string : nil
    let more = next == nil ? "" : "\nMore follow: call again with cursor set to the last name."
    var structured: JSONObject = ["schema": .string(schema), "objects": .array(found)]
    if let next { structured["next_cursor"] = .string(next) }
    return ToolAnswer(
      text: (found.isEmpty ? "There are none." : fenced(table.rendered())) + more, structured: structured)
  }

  private func schemas(in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let answer = try await ListSchemas().call(try ToolArguments([:], for: ListSchemas()), in: context)
    return ToolAnswer(text: answer.text, structured: ["schemas": answer.structured["schemas"] ?? []])
  }
}
