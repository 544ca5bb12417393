// Rows as they leave the governed part: text cells with the names of columns and types.

package import Database

/// What a statement gave, without anything of the session.
package struct GovernedRows: Sendable {
  package var columns: [(name: String, type: String)]
  /// As PostgreSQL's text; nil is NULL.
  package var cells: [[String?]]
  package var commandTag: String
  package var affectedRows: Int?
  package var isTruncated: Bool
  package var resumeHint: String?

  package init(_ rows: StreamedRows) {
    columns = rows.columns.map { ($0.name, $0.typeName) }
    cells = rows.rows.map { row in row.map { cell in cell.map { String(decoding: $0, as: UTF8.self) } } }
    commandTag = rows.commandTag
    affectedRows = rows.affectedRows
    isTruncated = rows.isTruncated || !rows.cuts.isEmpty
    resumeHint = rows.resumeHint ?? (rows.cuts.isEmpty ? nil : "\(rows.cuts.count) long values were cut.")
  }
}
