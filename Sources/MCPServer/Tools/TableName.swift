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
    let said = arguments.text("schema").map(Self.unquoted)
    if let dot = Self.dot(in: head) {
      let first = Self.unquoted(String(written[..<dot]))
      // Some clients fill in the default, and some models say the schema twice.
      if said == nil || said == "public" || said == first {
        schema = first
        name = Self.unquoted(String(written[written.index(after: dot)...]))
        return
      }
    }
    schema = said ?? "public"
    name = Self.unquoted(written)
  }

  /// The dot between schema and name; dots between quotes belong to a name.
  private static func dot(in text: Substring) -> Substring.Index? {
    guard text.first == "\"" else { return text.firstIndex(of: ".") }
    var isQuoted = false
    return text.indices.first { place in
      if text[place] == "\"" { isQuoted.toggle() }
      return text[place] == "." && !isQuoted
    }
  }

  /// As in SQL, where somebody has quoted it.
  private static func unquoted(_ name: String) -> String {
    guard name.count > 2, name.first == "\"", name.last == "\"" else { return name }
    let parts = name.dropFirst().dropLast().split(separator: "\"\"", omittingEmptySubsequences: false)
    return parts.contains { $0.contains("\"") } ? name : parts.joined(separator: "\"")
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
    let written = kind == "extension" ? shortened(name.name) : "\(shortened(name.schema)).\(shortened(name.name))"
    let what = isRelation ? "" : "\(kind) "
    return ToolFailure("not_found", "There is no \(what)\(written) here.", hint: hint)
  }
}
