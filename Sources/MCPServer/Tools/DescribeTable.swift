// `describe_table`: a table with all that belongs to it.

import Governance
import JSON
import Terminal

struct DescribeTable: Tool {
  let name = "describe_table"
  let title = "Describe a table"
  let summary =
    "Shows a table's or view's columns, keys, indexes with their use, constraints, partitions, triggers, policies."
  let parameters: [ToolParameter] = [
    ToolParameter("table", aliases: ["table_name", "object_name"], isRequired: true, ["type": "string"]),
    ToolParameter("schema", aliases: ["schema_name"], ["type": "string", "default": "public"]),
    .connection,
  ]
  let output: JSONObject = [
    "schema": ["type": "string"], "name": ["type": "string"], "kind": ["type": "string"],
    "columns": ["type": "array", "items": ["type": "object"]],
    "indexes": ["type": "array", "items": ["type": "object"]],
    "constraints": ["type": "array", "items": ["type": "object"]],
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    var schema = arguments.text("schema") ?? "public"
    var name = arguments.text("table") ?? ""
    // `schema.table` as people write it.
    if arguments.text("schema") == nil, let dot = name.firstIndex(of: ".") {
      schema = String(name[..<dot])
      name = String(name[name.index(after: dot)...])
    }
    let found: JSONValue
    do throws(GovernedFailure) {
      found = try await context.governor.table(name, in: schema, for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    guard let table = found.object else {
      throw ToolFailure(
        "not_found", "There is no table or view \(visible(schema)).\(visible(name)) here.",
        hint: "list_objects shows what there is.")
    }
    return ToolAnswer(text: RowsAnswer.fenced(Self.text(table)), structured: table)
  }

  private static func text(_ table: JSONObject) -> String {
    func word(_ value: JSONValue?, _ key: String) -> String { visible(value?[key]?.string ?? "") }
    var lines = [
      "\(visible(table["schema"]?.string ?? "")).\(visible(table["name"]?.string ?? "")) (\(table["kind"]?.string ?? ""))"
    ]
    var columns = Table(columns: [.init("column"), .init("type"), .init("null"), .init("default"), .init("comment")])
    for column in table["columns"]?.array ?? [] {
      columns.add([
        word(column, "name") + (column["is_primary_key"]?.bool == true ? " PK" : ""), word(column, "type"),
        column["nullable"]?.bool == true ? "yes" : "no", word(column, "default"), word(column, "comment"),
      ])
    }
    lines.append(columns.rendered())
    for index in table["indexes"]?.array ?? [] {
      let use = index["scans"]?.integer.map { "\(formatCount($0)) scans" } ?? "use unknown"
      let size = index["bytes"]?.integer.map { formatBytes($0) } ?? ""
      lines.append("index \(word(index, "definition")) [\(size), \(use)]")
    }
    for constraint in table["constraints"]?.array ?? [] {
      lines.append("constraint \(word(constraint, "name")): \(word(constraint, "definition"))")
    }
    for trigger in table["triggers"]?.array ?? [] { lines.append("trigger \(visible(trigger.string ?? ""))") }
    for policy in table["policies"]?.array ?? [] {
      lines.append("policy \(word(policy, "name")): \(word(policy, "using"))")
    }
    for part in table["partitions"]?.array ?? [] {
      lines.append("partition \(word(part, "name")) \(word(part, "bound"))")
    }
    return lines.joined(separator: "\n")
  }
}
