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
    ObjectKind.parameter(["table", "view", "materialized_view", "sequence", "function", "extension", "type"]),
    ListPage.filter, ListPage.cursor, ListPage.size, .connection,
  ]
  let output: JSONObject = [
    "objects": ToolOutput.objects, "schemas": ToolOutput.objects,
    "next_cursor": ToolOutput.text,
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let kind = arguments.text("kind") ?? "table"
    // Extensions belong to the database, whatever schema is named; all else is looked for in one.
    let schema = kind == "extension" ? nil : arguments.text("schema")
    guard schema != nil || kind == "extension" else {
      return try await ListSchemas().call(arguments, in: context)
    }
    let page = ListPage(arguments, size: 100)
    let all = try await Self.objects(in: schema, kind: kind, page, context)
    if all.isEmpty, page.filter == nil, page.after == nil, let schema {
      try await context.needSchema(schema)
    }
    let (shown, next) = page.cut(all) { object in
      guard let name = object["name"]?.string else { return nil }
      return schema == nil ? "\(object["schema"]?.string ?? "").\(name)" : name
    }
    return page.answer(
      Self.table(of: shown), shown, "objects", next: next, others: schema.map { ["schema": .string($0)] } ?? [:])
  }

  static func objects(
    in schema: String?, kind: String, _ page: ListPage, _ context: ToolContext
  ) async throws(ToolFailure) -> [JSONValue] {
    do throws(GovernedFailure) {
      let found = try await context.governor.objects(
        in: schema, kind: kind, filter: page.filter, after: page.after, limit: page.size + 1, for: context.call)
      return found.array ?? []
    } catch {
      throw ToolFailure(error)
    }
  }

  static func table(of objects: [JSONValue], hasSchema: Bool = false) -> Table {
    var table = Table(
      columns: (hasSchema ? [.init("schema")] : []) + [
        .init("name"), .init("kind"), .init("rows", .right), .init("size", .right), .init("comment"),
      ])
    for object in objects {
      let schema = hasSchema ? [visible(object["schema"]?.string ?? "")] : []
      table.add(
        schema + [
          visible(object["name"]?.string ?? ""), object["kind"]?.string ?? "",
          object["estimated_rows"]?.integer.map { formatCount($0) } ?? "",
          object["bytes"]?.integer.map { formatBytes($0) } ?? "",
          visible([object["version"]?.string, object["comment"]?.string].compactMap { $0 }.joined(separator: " ")),
        ])
    }
    return table
  }
}

extension ToolContext {
  /// - Throws: when there is no such schema for this caller, with the nearest there is.
  func needSchema(_ name: String) async throws(ToolFailure) {
    let found: JSONValue
    do throws(GovernedFailure) { found = try await governor.schemas(includesSystem: true, for: call) } catch {
      throw ToolFailure(error)
    }
    let names = (found.array ?? []).compactMap { $0["schema_name"]?.string }
    guard !names.contains(name) else { return }
    let near = nearestName(to: name, among: names).map { "Did you mean \(visible($0))? " } ?? ""
    throw ToolFailure(
      "not_found", "There is no schema \(shortened(name)) here",
      hint: near + "list_schemas shows the schemas there are.")
  }
}
