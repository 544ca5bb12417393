// The rows of `query`, for people and for programs.

import Database
import Governance
import JSON
import Terminal

/// Rows as an aligned table or as JSON; pure.
struct QueryAnswer {
  private let columns: [(name: String, isNumber: Bool)]
  private let cells: [[String?]]
  private let commandTag: String
  private let truncation: JSONValue
  private let cutCells: Int
  private let hint: String?

  /// Columns of a table show no more of a cell than this.
  private static let cellWidth = 60

  init(_ rows: StreamedRows) {
    columns = rows.columns.map { ($0.name, Self.isNumber($0.typeID)) }
    cells = rows.rows.map { row in row.map { cell in cell.map { String(decoding: $0, as: UTF8.self) } } }
    commandTag = rows.commandTag
    truncation = rows.truncation.map { .string($0.rawValue) } ?? .bool(false)
    (cutCells, hint) = (rows.cutCells, rows.resumeHint)
  }

  init(_ rows: GovernedRows) {
    columns = rows.columns.map { ($0.name, Self.numbers.contains($0.type)) }
    cells = rows.cells
    commandTag = rows.commandTag
    truncation = .bool(rows.isTruncated)
    (cutCells, hint) = (rows.cutCells, rows.resumeHint)
  }

  private static let numbers: Set<String> = [
    "smallint", "integer", "bigint", "real", "double precision", "numeric", "oid",
  ]

  func text(style: Style) -> String {
    guard !columns.isEmpty else { return commandTag + "\n" }
    var table = Table(columns: columns.map { Table.Column($0.name, $0.isNumber ? .right : .left) })
    for row in cells { table.add(row.map { $0.map(Self.shortened) ?? "∅" }) }
    var notes = ["\(cells.count) \(cells.count == 1 ? "row" : "rows")"]
    if let hint { notes.append(hint) }
    if cutCells > 0 { notes.append("\(cutCells) long cells were cut.") }
    return table.rendered(style: style) + "\n\n" + notes.map { style.dim($0) }.joined(separator: "\n") + "\n"
  }

  var json: JSONValue {
    .object([
      "columns": .array(columns.map { .string($0.name) }),
      "rows": .array(cells.map { row in .array(row.map { $0.map { .string($0) } ?? .null }) }),
      "truncated": truncation, "cutCells": .integer(Int64(cutCells)), "hint": hint.map { .string($0) } ?? .null,
    ])
  }

  private static func shortened(_ text: String) -> String {
    text.count > cellWidth ? text.prefix(cellWidth - 1) + "…" : text
  }

  /// int2, int4, int8, float4, float8, numeric, oid.
  private static func isNumber(_ type: UInt32) -> Bool { [20, 21, 23, 26, 700, 701, 1700].contains(type) }
}
