// Where a foreign statement's rows go, and how they are cut into pages there.

/// What becomes of rows as they arrive.
package enum RowTaking: Sendable {
  /// They are kept in `StreamedRows.rows`, as PostgreSQL's text.
  case cells
  /// They go into the spool as JSON: arrays with a comma between them, and none between pages. Limits of bytes count
  /// that JSON.
  case json(Spool, PageLimits)
}

/// Where a page ends: in front of a row that would be too much. Each has at least one row.
package struct PageLimits: Sendable, Hashable {
  package var rows: Int
  package var bytes: Int
  /// More rows than so many pages hold are left out.
  package var pages: Int

  package init(rows: Int = 1_000, bytes: Int = 1_048_576, pages: Int = 1_000) {
    self.rows = max(1, rows)
    self.bytes = bytes
    self.pages = max(1, pages)
  }
}

/// Rows on their way into a spool.
struct RowPages: Sendable {
  private let spool: Spool
  private let limits: PageLimits
  private(set) var pages: [StreamedRows.Page] = []
  /// Why the spool takes no more.
  private(set) var failure: DatabaseError?
  private var cells: [JSONCell] = []
  private var pending: [UInt8] = []
  private static let batch = 65_536

  init(_ spool: Spool, _ limits: PageLimits) {
    self.spool = spool
    self.limits = limits
  }

  mutating func expect(_ columns: [StreamedRows.Column]) { cells = columns.map { JSONCell(typeID: $0.typeID) } }

  /// The row's JSON.
  func encoded(_ row: [(bytes: [UInt8], isCut: Bool)?]) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "[")]
    for (place, cell) in row.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      guard let cell else {
        out += "null".utf8
        continue
      }
      cells[place].write(cell.bytes[...], isCut: cell.isCut, to: &out)
    }
    out.append(UInt8(ascii: "]"))
    return out
  }

  /// - Returns: false when there would be too many pages.
  mutating func add(_ row: [UInt8]) -> Bool {
    if let last = pages.last, last.rows < limits.rows, last.byteCount + row.count < limits.bytes {
      pending.append(UInt8(ascii: ","))
      pages[pages.count - 1].rows += 1
      pages[pages.count - 1].byteCount += row.count + 1
    } else {
      guard pages.count < limits.pages else { return false }
      pages.append(StreamedRows.Page(rows: 1, byteCount: row.count))
    }
    pending += row
    if pending.count >= Self.batch { flush() }
    return true
  }

  mutating func flush() {
    guard failure == nil, !pending.isEmpty else { return }
    do throws(DatabaseError) { try spool.append(pending) } catch { failure = error }
    pending.removeAll(keepingCapacity: true)
  }
}
