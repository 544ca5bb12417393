// An object's name as callers write it: with a schema of its own, or `schema.table`.

import Governance
import JSON

struct TableName {
  let schema: String
  let name: String

  static let table = ToolParameter(
    "table", aliases: ["table_name", "object_name", "name"], isRequired: true,
    ["type": "string", "examples": ["public.orders"]])
  static let object = ToolParameter(
    "name", aliases: ["object_name", "table", "table_name"], isRequired: true, ["type": "string"])
  static let optionalTable = ToolParameter("table", aliases: ["table_name"], ["type": "string"])
  static let schemaParameter = ToolParameter(
    "schema", aliases: ["schema_name"], ["type": "string", "default": "public"])

  /// - Parameter isFunction: dots behind the first parenthesis are in types.
  init(_ arguments: ToolArguments, isFunction: Bool = false) {
    let written = arguments.text("table") ?? arguments.text("name") ?? ""
    let head = isFunction ? written.prefix { $0 != "(" } : Substring(written)
    guard arguments.text("schema") == nil, let dot = head.firstIndex(of: ".") else {
      schema = arguments.text("schema") ?? "public"
      name = written
      return
    }
    schema = String(written[..<dot])
    name = String(written[written.index(after: dot)...])
  }
}

extension ToolContext {
  /// What to say of an object that is not there for this caller: the nearest one, or where one of its name is.
  func absent(_ name: TableName, kind: String = "table") async -> ToolFailure {
    var hint = "list_objects shows what there is."
    let isRelation = ["table", "view", "materialized_view", "partitioned_table", "foreign_table"].contains(kind)
    if isRelation, let all = try? await governor.relationNames(for: call) {
      let elsewhere = all.first { $0.name == name.name }
      let near = nearestName(to: name.name, among: all.filter { $0.schema == name.schema }.map(\.name))
      if let elsewhere {
        hint = "Did you mean \(visible(elsewhere.schema)).\(visible(elsewhere.name))? " + hint
      } else if let near {
        hint = "Did you mean \(visible(name.schema)).\(visible(near))? " + hint
      }
    }
    let written = kind == "extension" ? name.name : "\(name.schema).\(name.name)"
    let what = isRelation ? "" : "\(kind) "
    return ToolFailure("not_found", "There is no \(what)\(visible(written)) here.", hint: hint)
  }
}
