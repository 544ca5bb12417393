// Rows of a statement as a tool answers them: JSON values for programs, a fenced table for models.

import Governance
import JSON
import Terminal

/// One page of a result.
struct RowsAnswer {
  /// Of the table's text; what is beyond is in the structured content.
  private static let textBytes = 40_000
  private static let cellWidth = 80

  let columns: [(name: String, type: String)]
  /// nil for a statement that gave no rows.
  let page: SpooledPage?
  let commandTag: String
  let affected: Int?
  /// There are more rows than on this page.
  let isTruncated: Bool
  /// For the rows behind this page, when they are kept.
  let cursor: String?
  let hint: String?
  /// The text is JSON too, one row a line.
  var isJSON = false

  static let output: JSONObject = [
    "columns": ToolOutput.objects, "rows": ["type": "array", "items": ["type": "array"]],
    "row_count": ToolOutput.number, "truncated": ToolOutput.flag, "next_cursor": ToolOutput.text,
  ]

  /// - Parameter link: where the next page can be read as a resource.
  func answer(link: (uri: String, page: SpooledPage)?) throws(ToolFailure) -> ToolAnswer {
    let names = columns.map { JSONValue.object(["name": .string($0.name), "type": .string($0.type)]) }
    var structured: JSONObject = [
      "columns": .array(names), "rows": .array([]), "row_count": .integer(Int64(page?.rows ?? 0)),
      "affected_rows": changed.map { .integer(Int64($0)) } ?? .null, "command": .string(commandTag),
      "truncated": .bool(isTruncated),
    ]
    if let cursor { structured["next_cursor"] = .string(cursor) }
    if let hint { structured["hint"] = .string(hint) }
    var answer = ToolAnswer(text: try text(), structured: structured)
    answer.rows = page
    if let link {
      answer.links = [
        [
          "type": "resource_link", "uri": .string(link.uri), "name": "next-rows",
          "title": .string(link.page.rows == 1 ? "The next row" : "The next \(link.page.rows) rows"),
          "mimeType": "application/json",
          "size": .integer(Int64(link.page.byteCount)),
        ]
      ]
    }
    return answer
  }

  /// The count of a SELECT without columns is one of rows.
  private var changed: Int? { commandTag.hasPrefix("SELECT") ? nil : affected }

  private func text() throws(ToolFailure) -> String {
    guard !columns.isEmpty else { return commandTag }
    let rows = try shownRows()
    let shown = isJSON ? rows.map { JSONValue.array($0).text() }.joined(separator: "\n") : table(of: rows)
    let count = page?.rows ?? 0
    var notes = ["\(count) \(count == 1 ? "row" : "rows")\(isTruncated ? ", truncated" : "")"]
    if rows.count < count {
      notes.append("Shown are the first \(rows.count): structuredContent has all of them, max_rows makes pages")
    }
    if let cursor { notes.append("For the next rows call again with cursor \(cursor)") }
    if let hint { notes.append(hint) }
    return fenced(shown) + "\n" + notes.joined(separator: ". ")
  }

  private func table(of rows: [[JSONValue]]) -> String {
    var table = Table(columns: columns.map { Table.Column(visible($0.name), Self.isNumber($0.type) ? .right : .left) })
    for row in rows { table.add(row.map(Self.shown)) }
    return table.rendered()
  }

  /// The rows whose text is short enough to be read.
  private func shownRows() throws(ToolFailure) -> [[JSONValue]] {
    guard let page else { return [] }
    var bytes: [UInt8] = []
    do throws(GovernedFailure) {
      bytes = try page.bytes(from: 0, atMost: 2 * Self.textBytes)
      // A row may be longer than all that is shown of it.
      if bytes.count < page.byteCount, firstRowEnd(bytes[...]) == nil {
        bytes = try page.bytes(from: 0, atMost: 16 << 20)
      }
    } catch {
      throw ToolFailure(error)
    }
    var rows: [[JSONValue]] = []
    var rest = bytes[...]
    var taken = 0
    var widths = columns.map { min(Self.cellWidth, $0.name.count) }
    while let end = firstRowEnd(rest), let row = (try? JSONValue(parsing: Array(rest[..<end])))?.array {
      taken += end - rest.startIndex + 1
      for (place, cell) in row.enumerated() where place < widths.count {
        widths[place] = max(widths[place], min(Self.cellWidth, Self.shown(cell).utf8.count))
      }
      // Cells are padded to the width of their column.
      let size = isJSON ? taken : (rows.count + 3) * widths.reduce(0, { $0 + $1 + 2 })
      guard size <= Self.textBytes || rows.isEmpty else { break }
      rows.append(row)
      rest = rest[end...].dropFirst()
    }
    return rows
  }

  private static func shown(_ value: JSONValue) -> String {
    let text: String
    switch value {
    case .null: return "∅"
    case .string(let string): text = string
    default: text = value.text()
    }
    return visible(text.count > cellWidth ? text.prefix(cellWidth - 1) + "…" : text)
  }

  private static func isNumber(_ type: String) -> Bool {
    ["smallint", "integer", "bigint", "real", "double precision", "numeric", "oid"].contains(type)
  }
}

/// Behind the bracket that ends the first array; nil when it is not whole.
private func firstRowEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
  var depth = 0
  var isText = false
  var isEscaped = false
  for (place, byte) in zip(bytes.indices, bytes) {
    switch byte {
    case _ where isEscaped: isEscaped = false
    case UInt8(ascii: "\\"): isEscaped = isText
    case UInt8(ascii: "\""): isText.toggle()
    case _ where isText: break
    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      depth -= 1
      if depth == 0 { return place + 1 }
    default: break
    }
  }
  return nil
}
