// Cases of `Fixtures/tuning/shapes`: a statement, and the lines that its shape or its candidates must come out as.

import Database
import SQLSyntax
import Support
import Testing

@testable import IndexTuner

/// One case: `### title`, the statement, `---`, the expected lines.
struct ShapeCase: Sendable, CustomTestStringConvertible {
  let title: String
  let text: String
  let expected: String

  var testDescription: String { title }
}

enum ShapeFixtures {
  struct Missing: Error {
    let path: String
  }

  static func text(_ path: String) throws -> String {
    guard let text = contents(of: packageFile(path)) else { throw Missing(path: path) }
    return text
  }

  static func catalog(_ path: String) throws -> Catalog { try FixtureCatalog.reading(try text(path)) }

  /// A statement may be `@path`: the text of another file of the repository.
  static func cases(_ name: String) throws -> [ShapeCase] {
    var found: [ShapeCase] = []
    var title: String?
    var statement: [Substring] = []
    var expected: [Substring]?
    func finished() throws -> ShapeCase? {
      guard let title else { return nil }
      var text = statement.joined(separator: "\n")
      if text.first == "@" { text = try Self.text(String(text.dropFirst())) }
      return ShapeCase(title: title, text: text, expected: (expected ?? []).joined(separator: "\n"))
    }
    for line in try text("Fixtures/tuning/shapes/\(name)").split(separator: "\n") {
      if line.hasPrefix("### ") {
        if let done = try finished() { found.append(done) }
        title = String(line.dropFirst(4))
        statement = []
        expected = nil
      } else if line == "---" {
        expected = []
      } else if expected != nil {
        expected?.append(line)
      } else if title != nil {
        statement.append(line)
      }
    }
    if let done = try finished() { found.append(done) }
    return found
  }
}

extension QueryShape {
  /// One line a table instance, parameter, updated table and note.
  func lines(in catalog: Catalog) -> String {
    func name(_ table: RelationID?) -> String {
      guard let relation = table.flatMap({ catalog[$0] }) else { return "?" }
      return relation.schema == "public" ? relation.name : "\(relation.schema).\(relation.name)"
    }
    var lines: [String] = []
    for (position, use) in uses.enumerated() {
      lines.append("\(position) \(name(use.table)): \(use.parts.joined(separator: "; "))")
    }
    for number in parameters.keys.sorted() {
      guard let use = parameters[number] else { continue }
      var line = "$\(number): \(use.role.rawValue)"
      if let column = use.column { line += " \(name(use.table)).\(column)" }
      if let partner = use.partner { line += " with $\(partner)" }
      lines.append(line)
    }
    for table in updatedColumns.keys.sorted(by: { name($0) < name($1) }) {
      lines.append("set \(name(table)): \((updatedColumns[table] ?? []).sorted().joined(separator: ", "))")
    }
    return (lines + notes.map { "note: \($0)" }).joined(separator: "\n")
  }
}

extension TableUse {
  fileprivate var parts: [String] {
    var parts: [String] = isTarget ? ["target"] : []
    if !equalities.isEmpty { parts.append("= " + equalities.joined(separator: ", ")) }
    if !ranges.isEmpty { parts.append("range " + ranges.joined(separator: ", ")) }
    if !joins.isEmpty {
      parts.append(
        "join " + joins.map { "\($0.column) = \($0.otherUse).\($0.otherColumn)" }.joined(separator: ", "))
    }
    for arm in arms {
      parts.append("arm (= \(arm.equalities.joined(separator: ", ")) range \(arm.ranges.joined(separator: ", ")))")
    }
    for ordering in orderings {
      let keys = IndexDefinition(table: 0, schema: "", tableName: "", keys: ordering.keys).keyList
      parts.append("order \(keys)\(ordering.isLimited ? " limited" : "")")
    }
    for grouping in groupings { parts.append("group " + grouping.joined(separator: ", ")) }
    if !extremes.isEmpty { parts.append("extreme " + extremes.joined(separator: ", ")) }
    parts.append("reads " + referenced.sorted().joined(separator: ", "))
    return parts
  }
}
