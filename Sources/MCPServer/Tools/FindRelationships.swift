// `find_relationships`: declared references in both directions, and those that names and types imply.

import Governance
import JSON
import Terminal

struct FindRelationships: Tool {
  let name = "find_relationships"
  let title = "Relationships"
  let summary = "Finds what a table refers to and what refers to it: declared, or implied by names and types."
  let parameters: [ToolParameter] = [TableName.table, TableName.schemaParameter, .connection]
  let output: JSONObject = [
    "explicit": ToolOutput.objects, "implied": ToolOutput.objects, "referenced_by": ToolOutput.objects,
  ]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]
  /// A column named like another table's key, of its type; or only of its type and its key's name.
  private static let confidences = ["strong_implied": 0.9, "possible_implied": 0.5]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let table = TableName(arguments)
    let (found, declared, incoming, implied): (JSONValue, JSONValue, JSONValue, JSONValue)
    do throws(GovernedFailure) {
      found = try await context.governor.object(table.name, kind: "table", in: table.schema, for: context.call)
      declared = try await context.governor.foreignKeys(of: table.name, in: table.schema, for: context.call)
      incoming = try await context.governor.foreignKeys(
        of: table.name, in: table.schema, isIncoming: true, for: context.call)
      implied = try await context.governor.impliedKeys(of: table.name, in: table.schema, for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    guard found != .null else { throw await context.absent(table) }
    let explicit = (declared.array ?? []).map(Self.outgoing)
    let others = (incoming.array ?? []).map(Self.incoming)
    let guessed = (implied.array ?? []).map(Self.implied)
    let lines = (explicit + guessed).map { Self.line($0, "→") } + others.map { Self.line($0, "←") }
    return ToolAnswer(
      text: lines.isEmpty ? "None were found." : fenced(lines.joined(separator: "\n")),
      structured: ["explicit": .array(explicit), "implied": .array(guessed), "referenced_by": .array(others)])
  }

  private static func outgoing(_ key: JSONValue) -> JSONValue {
    [
      "relationship_type": "explicit_fk", "confidence": 1, "constraint_name": key["constraint_name"] ?? .null,
      "column_name": single(key["columns"]), "columns": key["columns"] ?? [],
      "foreign_schema": key["referenced_schema"] ?? .null, "foreign_table": key["referenced_table"] ?? .null,
      "foreign_column": single(key["referenced_columns"]), "foreign_columns": key["referenced_columns"] ?? [],
    ]
  }

  private static func incoming(_ key: JSONValue) -> JSONValue {
    [
      "relationship_type": "explicit_fk", "confidence": 1, "constraint_name": key["constraint_name"] ?? .null,
      "column_name": single(key["referenced_columns"]), "columns": key["referenced_columns"] ?? [],
      "foreign_schema": key["schema"] ?? .null, "foreign_table": key["table"] ?? .null,
      "foreign_column": single(key["columns"]), "foreign_columns": key["columns"] ?? [],
    ]
  }

  private static func implied(_ key: JSONValue) -> JSONValue {
    var members = key.object ?? [:]
    let kind = key["relationship_type"]?.string ?? ""
    members["confidence"] = .number(confidences[kind] ?? 0.5)
    members["columns"] = .array([key["column_name"] ?? .null])
    members["foreign_columns"] = .array([key["foreign_column"] ?? .null])
    return .object(members)
  }

  /// The column of a key that has only one.
  private static func single(_ columns: JSONValue?) -> JSONValue {
    columns?.array?.count == 1 ? columns?[0] ?? .null : .null
  }

  private static func line(_ key: JSONValue, _ arrow: String) -> String {
    func names(_ member: String) -> String { (key[member]?.array ?? []).compactMap(\.string).joined(separator: ", ") }
    let kind = key["relationship_type"]?.string ?? ""
    let confidence = key["confidence"]?.double ?? 1
    return visible(
      "(\(names("columns"))) \(arrow) \(key["foreign_schema"]?.string ?? "").\(key["foreign_table"]?.string ?? "")"
        + "(\(names("foreign_columns"))) \(kind)\(confidence < 1 ? ", confidence \(formatDecimal(confidence, places: 1))" : "")"
    )
  }
}
