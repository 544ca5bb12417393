// `get_object_details`: one object of any kind.

import Governance
import JSON
import Terminal

struct GetObjectDetails: Tool {
  let name = "get_object_details"
  let title = "Object details"
  let summary =
    "Describes one object of any kind, such as a function, type, sequence or index."
  let parameters: [ToolParameter] = [
    TableName.object, TableName.schemaParameter,
    ObjectKind.parameter(["table", "view", "sequence", "function", "extension", "type", "index"]),
    .connection,
  ]
  let output: JSONObject = ["schema": ToolOutput.text, "name": ToolOutput.text, "kind": ToolOutput.text]
  let hints = ToolHints(isReadOnly: true, isIdempotent: true)
  let unlockedBy: Set<Permission> = [.explain, .read]

  func call(_ arguments: ToolArguments, in context: ToolContext) async throws(ToolFailure) -> ToolAnswer {
    let kind = arguments.text("kind") ?? "table"
    let name = TableName(arguments, isFunction: kind == "function")
    guard !["table", "view", "materialized_view", "partitioned_table", "foreign_table"].contains(kind) else {
      return try await DescribeTable.answer(for: name, showsStatistics: false, in: context)
    }
    let found: JSONValue
    do throws(GovernedFailure) {
      found = try await context.governor.object(name.name, kind: kind, in: name.schema, for: context.call)
    } catch {
      throw ToolFailure(error)
    }
    guard let object = found.object else { throw await context.absent(name, kind: kind) }
    return ToolAnswer(text: fenced(Self.text(object)), structured: object)
  }

  /// What is not there is not said; lists stand line by line.
  private static func text(_ object: JSONObject, indent: String = "") -> String {
    object.entries.compactMap { key, value -> String? in
      switch value {
      case .null: return nil
      case .string(let text): return "\(indent)\(key): \(lines(text, indent))"
      case .array(let elements) where elements.contains { $0.object != nil }:
        let shown = elements.map { element in
          element.object.map { Self.text($0, indent: indent + "    ") } ?? visible(element.text())
        }
        return "\(indent)\(key):\n" + shown.joined(separator: "\n\n")
      case .array(let elements):
        return "\(indent)\(key): " + elements.map { visible($0.string ?? $0.text()) }.joined(separator: ", ")
      default: return "\(indent)\(key): \(visible(value.text()))"
      }
    }.joined(separator: "\n")
  }

  /// Definitions have lines of their own.
  private static func lines(_ text: String, _ indent: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { visible(String($0)) }
      .joined(separator: "\n\(indent)  ")
  }
}
