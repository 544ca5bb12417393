// Structured answers beside the schemas that announce them.

import Governance
import JSON
import Testing

@testable import MCPServer

extension ToolResult {
  var text: String { content.first?["text"]?.string ?? "" }

  /// With the rows in it that stand outside of memory.
  func whole() throws -> ToolResult {
    guard let rows else { return self }
    let bytes = try rows.bytes(from: 0, atMost: rows.byteCount)
    var result = self
    result.rows = nil
    result.structured?["rows"] = try JSONValue(parsing: [UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")])
    return result
  }
}

/// A tool's answer, once its structured content fits what the tool says of it.
func checked(_ result: ToolResult, of tool: String) throws -> ToolResult {
  let name = tool == "query_database" ? "query" : tool
  let schema = try #require(allTools.first { $0.name == name }?.description(hasChoice: true).output, "\(tool)")
  #expect((result.structured == nil) == result.isError, "\(tool)")
  guard let structured = result.structured else { return result }
  #expect(misfits(.object(structured), .object(schema)) == [], "\(tool)")
  // A schema that says nothing of what is there is none.
  let known = schema["properties"]?.object?.entries.map(\.key) ?? []
  #expect(known.contains { structured[$0] != nil }, "\(tool)")
  return try result.whole()
}

/// Where a value does not fit the part of JSON Schema that our tools use.
private func misfits(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
  let types = schema["type"]?.string.map { [$0] } ?? schema["type"]?.array?.compactMap(\.string) ?? []
  let own: String =
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  var found = types.isEmpty || types.contains(own) ? [] : ["\(path) is of type \(own)"]
  for (key, part) in schema["properties"]?.object?.entries ?? [] {
    if let member = value[key] { found += misfits(member, part, at: "\(path).\(key)") }
  }
  if let items = schema["items"] {
    for (place, element) in (value.array ?? []).enumerated() {
      found += misfits(element, items, at: "\(path)[\(place)]")
    }
  }
  return found
}
