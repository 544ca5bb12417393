// Rows as they leave the governed part: text cells, or pages of JSON, with the names of columns and types.

internal import Cryptography
import Database

/// What a statement gave, without anything of the session.
package struct GovernedRows: Sendable {
  package var columns: [(name: String, type: String)]
  /// As PostgreSQL's text; nil is NULL. Empty where they are spooled.
  package var cells: [[String?]]
  package var spooled: SpooledRows?
  /// Taken, in cells or pages.
  package var rowCount: Int
  package var commandTag: String
  package var affectedRows: Int?
  /// There are more rows than were taken.
  package var isTruncated: Bool
  /// Long values that are not whole.
  package var cutCells: Int
  /// How to see the rows that were not taken.
  package var resumeHint: String?

  init(_ rows: StreamedRows, spool: Spool? = nil) {
    columns = rows.columns.map { ($0.name, $0.typeName) }
    cells = rows.rows.map { row in row.map { cell in cell.map { String(decoding: $0, as: UTF8.self) } } }
    spooled = spool.map { SpooledRows(rows, in: $0) }
    rowCount = rows.rowCount
    commandTag = rows.commandTag
    affectedRows = rows.affectedRows
    isTruncated = rows.isTruncated
    cutCells = rows.cutCells
    resumeHint = rows.resumeHint
  }

  private static let piece = 256 << 10

  /// SHA-256 of the first page as JSON with its brackets, in hexadecimal; nil without one.
  var digest: String? {
    get throws(GovernedFailure) {
      guard !columns.isEmpty, let pages = spooled?.pages else { return nil }
      var digest = RunningDigest()
      digest.append([UInt8(ascii: "[")])
      if let page = pages.first {
        // A page may be a hundred megabytes, which are in a file.
        for start in stride(from: 0, to: page.byteCount, by: Self.piece) {
          digest.append(try page.bytes(from: start, atMost: Self.piece))
        }
      }
      digest.append([UInt8(ascii: "]")])
      return hexadecimal(digest.finished())
    }
  }
}
