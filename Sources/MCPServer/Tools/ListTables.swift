// `list_tables`: a name that agents know from elsewhere; taken, but not listed beside `list_objects`.

import Governance
import JSON

struct ListTables: Tool {
  let name = "list_tables"
  let title = "List tables"
  let summary = "Lists the tables and views of a schema, or of all schemas."
  let parameters: [ToolParameter] = [
    ToolParameter("schema", aliases: ["schema_name"], ["type": "string"]), ListPage.filter, ListPage.cursor,
    ListPage.size, ToolParameter("table_types", aliases: ["kind", "table_type"], [:]), .connection,
  ]
  let output: JSONObject = ["tables": ToolOutput.objects, "next_cursor": ToolOutput.text]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]
  let isListed = false

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let page = ListPage(arguments, size: 500)
    let schema = arguments.text("schema")
    let all = try await ListObjects.objects(in: schema, kind: Self.kind(arguments["table_types"]), page, context)
    if all.isEmpty, page.filter == nil, page.after == nil, let schema { try await context.needSchema(schema) }
    let (shown, next) = page.cut(all) { table in
      guard let name = table["name"]?.string else { return nil }
      return schema == nil ? "\(table["schema"]?.string ?? "").\(name)" : name
    }
    return page.answer(ListObjects.table(of: shown, hasSchema: schema == nil), shown, "tables", next: next)
  }

  /// `BASE TABLE`, `VIEW`, a list of such, or nothing: tables and views alike.
  private static func kind(_ types: JSONValue?) -> String {
    let words = (types?.array ?? types.map { [$0] } ?? []).compactMap { $0.string?.lowercased() }
    let hasTables = words.contains { $0.contains("table") }
    let hasViews = words.contains { $0.contains("view") }
    if hasTables == hasViews { return "relation" }
    return hasTables ? "table" : "view"
  }
}
