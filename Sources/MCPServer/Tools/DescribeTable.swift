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
    TableName.table, TableName.schemaParameter, .connection,
  ]
  let output: JSONObject = [
    "name": ["type": "string"], "kind": ["type": "string"], "columns": ["type": "array"], "indexes": ["type": "array"],
    "constraints": ["type": "array"],
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let name = TableName(arguments)
    let found: JSONValue
    do throws(GovernedFailure) {
      found = try await context.governor.table(name.name, in: name.schema, for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    guard let table = found.object else { throw name.absent }
    return ToolAnswer(text: fenced(Self.text(table)), structured: table)
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
