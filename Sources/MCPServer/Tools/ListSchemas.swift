// `list_schemas`: the schemas of a database.

import Governance
import JSON
import Terminal

struct ListSchemas: Tool {
  let name = "list_schemas"
  let title = "List schemas"
  let summary = "Lists the schemas of a database with owner and number of objects."
  let parameters: [ToolParameter] = [
    ToolParameter("include_system", aliases: ["includeSystem"], ["type": "boolean", "default": false]),
    ListPage.filter.unlisted, ListPage.cursor.unlisted, ListPage.size, .connection,
  ]
  let output: JSONObject = ["schemas": ToolOutput.objects]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let page = ListPage(arguments, size: 500)
    let found: JSONValue
    do throws(GovernedFailure) {
      found = try await context.governor.schemas(
        includesSystem: arguments.flag("include_system"), filter: page.filter, after: page.after,
        limit: page.size + 1, for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    var table = Table(columns: [.init("schema"), .init("owner"), .init("objects", .right), .init("comment")])
    let (shown, next) = page.cut(found.array ?? []) { $0["schema_name"]?.string }
    for schema in shown {
      table.add([
        visible(schema["schema_name"]?.string ?? ""), visible(schema["schema_owner"]?.string ?? ""),
        schema["object_count"]?.integer.map { String($0) } ?? "", visible(schema["comment"]?.string ?? ""),
      ])
    }
    return page.answer(table, shown, "schemas", next: next)
  }
}
