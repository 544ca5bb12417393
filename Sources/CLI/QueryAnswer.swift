// The rows of `query`, for people and for programs.

import Database
import Governance
import JSON
import Terminal

/// Rows as an aligned table or as JSON; pure.
struct QueryAnswer {
  private let rows: StreamedRows

  /// Columns of a table show no more of a cell than this.
  private static let cellWidth = 60

  init(_ rows: StreamedRows) { self.rows = rows }

  func text(style: Style) -> String {
    guard !rows.columns.isEmpty else { return rows.commandTag + "\n" }
    var table = Table(columns: rows.columns.map { Table.Column($0.name, Self.isNumber($0.typeID) ? .right : .left) })
    for row in rows.rows { table.add(row.map { $0.map(Self.shortened) ?? "∅" }) }
    let count = rows.rows.count
    var notes = ["\(count) \(count == 1 ? "row" : "rows")"]
    if let hint = rows.resumeHint { notes.append(hint) }
    if rows.cutCells > 0 { notes.append("\(rows.cutCells) long cells were cut.") }
    return table.rendered(style: style) + "\n\n" + notes.map { style.dim($0) }.joined(separator: "\n") + "\n"
  }

  var json: JSONValue {
    .object([
      "columns": .array(rows.columns.map { .string($0.name) }),
      "rows": .array(rows.rows.map { row in .array(row.map { $0.map { .string(Self.decoded($0)) } ?? .null }) }),
      "truncated": rows.truncation.map { .string($0.rawValue) } ?? .bool(false),
      "cutCells": .integer(Int64(rows.cutCells)),
      "hint": rows.resumeHint.map { .string($0) } ?? .null,
    ])
  }

  private static func decoded(_ cell: [UInt8]) -> String { String(decoding: cell, as: UTF8.self) }

  private static func shortened(_ cell: [UInt8]) -> String {
    let text = decoded(cell)
    return text.count > cellWidth ? text.prefix(cellWidth - 1) + "…" : text
  }

  /// int2, int4, int8, float4, float8, numeric, oid.
  private static func isNumber(_ type: UInt32) -> Bool { [20, 21, 23, 26, 700, 701, 1700].contains(type) }
}
