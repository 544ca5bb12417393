// Kinds of objects as callers write them.

import JSON

enum ObjectKind {
  /// More than are listed: what PostgreSQL and others call them is taken too.
  private static let words: [String: String] = [
    "base_table": "table", "matview": "materialized_view", "procedure": "function", "aggregate": "function",
    "enum": "type", "domain": "type", "composite": "type", "relation": "table",
  ]
  static let all: Set<String> = [
    "table", "view", "materialized_view", "sequence", "function", "extension", "type", "partitioned_table",
    "foreign_table", "index",
  ]

  /// - Parameter listed: the kinds that models read of.
  static func parameter(_ listed: [String]) -> ToolParameter {
    var kind = ToolParameter(
      "kind", aliases: ["object_type", "objectType", "type"],
      ["type": "string", "default": "table", "enum": .array(listed.map { .string($0) })])
    kind.reading = { value in value.string.map { .string(canonical($0)) } ?? value }
    kind.known = all
    return kind
  }

  /// `Materialized Views` and `materialized_view` are the same.
  private static func canonical(_ word: String) -> String {
    var word = String(word.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    if word.hasSuffix("s"), all.contains(String(word.dropLast())) || words[String(word.dropLast())] != nil {
      word.removeLast()
    }
    return words[word] ?? word
  }
}
