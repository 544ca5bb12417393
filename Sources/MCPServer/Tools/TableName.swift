// A table's name as callers write it: with a schema of its own, or `schema.table`.

import Governance
import JSON

struct TableName {
  let schema: String
  let name: String

  static let table = ToolParameter(
    "table", aliases: ["table_name", "object_name"], isRequired: true, ["type": "string"])
  static let optionalTable = ToolParameter("table", aliases: ["table_name"], ["type": "string"])
  static let schemaParameter = ToolParameter(
    "schema", aliases: ["schema_name"], ["type": "string", "default": "public"])

  init(_ arguments: ToolArguments) {
    let written = arguments.text("table") ?? ""
    guard arguments.text("schema") == nil, let dot = written.firstIndex(of: ".") else {
      schema = arguments.text("schema") ?? "public"
      name = written
      return
    }
    schema = String(written[..<dot])
    name = String(written[written.index(after: dot)...])
  }

  var absent: ToolFailure {
    ToolFailure(
      "not_found", "There is no \(visible(schema)).\(visible(name)) here.", hint: "list_objects shows what there is.")
  }
}
