// What is taken of a foreign statement's rows, and how much of it.

/// Where taking rows ends.
package struct RowLimits: Sendable, Hashable {
  package var rows: Int
  /// Of all cells together; of their JSON where that is what is taken.
  package var bytes: Int
  /// Of one cell; longer ones are cut.
  package var cellBytes: Int
  /// Of one row on its way, which libpq holds as a whole before any of it can be cut: beyond that the connection is
  /// given up.
  package var rowBytes: Int

  package init(
    rows: Int = 1_000, bytes: Int = 1_048_576, cellBytes: Int = 65_536, rowBytes: Int = 128 << 20
  ) {
    self.rows = rows
    self.bytes = bytes
    self.cellBytes = cellBytes
    self.rowBytes = rowBytes
  }
}

/// The rows that were taken.
package struct StreamedRows: Sendable, Equatable {
  package enum Cap: String, Sendable { case rows, bytes }

  package struct Column: Sendable, Equatable {
    package var name: String
    package var typeID: UInt32
    /// As `format_type` writes it.
    package var typeName: String

    package init(name: String, typeID: UInt32, typeName: String = "") {
      self.name = name
      self.typeID = typeID
      self.typeName = typeName
    }
  }

  /// A cell that was cut behind its last whole character within the cap.
  package struct Cut: Sendable, Equatable {
    package var row: Int
    package var column: Int
    /// Of the whole value.
    package var byteCount: Int

    package init(row: Int, column: Int, byteCount: Int) {
      self.row = row
      self.column = column
      self.byteCount = byteCount
    }
  }

  /// What is one answer's share of the rows in a spool.
  package struct Page: Sendable, Equatable {
    package var rows: Int
    package var byteCount: Int

    package init(rows: Int, byteCount: Int) {
      self.rows = rows
      self.byteCount = byteCount
    }
  }

  package var columns: [Column] = []
  /// Taken, wherever they are now.
  package var rowCount = 0
  /// How the rows in the spool are cut; the first begins where the spool does.
  package var pages: [Page] = []
  /// Row by row, cell by cell, as PostgreSQL's text; nil is NULL.
  package var rows: [[[UInt8]?]] = []
  /// Which cap was reached; nil when these are all rows.
  package var truncation: Cap?
  package var cuts: [Cut] = []
  /// As PostgreSQL says it, for instance "UPDATE 3"; empty when it was told to stop.
  package var commandTag = ""
  /// Rows that were changed, or nil for what changes none.
  package var affectedRows: Int?

  package init() {}

  package var isTruncated: Bool { truncation != nil }

  package var cutCells: Int { cuts.count }

  /// The text of a cell; nil for NULL and for a cell that is not there.
  package func text(_ row: Int, _ column: Int) -> String? {
    guard rows.indices.contains(row), rows[row].indices.contains(column) else { return nil }
    return rows[row][column].map { String(decoding: $0, as: UTF8.self) }
  }
}

/// One statement whose rows are taken as they arrive, and no more than the caps allow.
struct RowStream: Sendable {
  /// How often the server is asked again to stop, should it not have heard.
  private static let pause: Duration = .milliseconds(250)

  /// Of its request in the exchange.
  let position: Int
  private let limits: RowLimits
  private let stopsAtCap: Bool
  private(set) var rows = StreamedRows()
  /// The server has been told that these are enough.
  private(set) var isStopping = false
  private var nextInterrupt = ContinuousClock.now
  private var bytes = 0
  /// Where rows go that are not kept here.
  private var pages: RowPages?
  /// Arrived since the last row was complete.
  private var bytesOfRow = 0

  init(position: Int, limits: RowLimits, taking: RowTaking, stopsAtCap: Bool) {
    self.position = position
    self.limits = limits
    self.stopsAtCap = stopsAtCap
    if case .json(let spool, let limits) = taking { pages = RowPages(spool, limits) }
  }

  /// What was taken; `.noRoom` when the spool would not take it.
  var outcome: Result<StreamedRows, DatabaseError> { pages?.failure.map { .failure($0) } ?? .success(rows) }

  private var isFull: Bool { rows.isTruncated || pages?.failure != nil }

  /// Told what is about to be read from the socket.
  mutating func expect(_ count: Int) throws(DatabaseError) {
    bytesOfRow += count
    try check(bytesOfRow)
  }

  private func check(_ count: Int) throws(DatabaseError) {
    guard count > limits.rowBytes else { return }
    throw DatabaseError(
      code: .rowTooLarge, message: "a row of the result has more than \(limits.rowBytes) bytes",
      advice: "Select fewer columns, or parts of long values with left() or substr()")
  }

  /// True when the server is to be told to stop, or once more.
  mutating func wantsInterrupt() -> Bool {
    guard stopsAtCap, isFull, nextInterrupt <= .now else { return false }
    isStopping = true
    nextInterrupt = .now + Self.pause
    return true
  }

  /// Takes one row, or notes that there are more than the caps allow.
  /// - Throws: `.rowTooLarge` also here: a server that is quicker than we are can fill libpq's buffer in one go.
  mutating func take(_ result: borrowing ResultHandle) throws(DatabaseError) {
    bytesOfRow = 0
    try check(result.rowByteCount)
    if isFull { return }
    expectColumns(of: result)
    guard rows.rowCount < limits.rows else {
      rows.truncation = .rows
      return
    }
    let width = result.width
    var cells: [(bytes: [UInt8], isCut: Bool)?] = []
    cells.reserveCapacity(width)
    var cuts: [StreamedRows.Cut] = []
    var size = 0
    for column in 0..<width {
      guard let cell = result.cell(column, cutAt: limits.cellBytes) else {
        cells.append(nil)
        continue
      }
      size += cell.bytes.count
      if cell.bytes.count < cell.fullCount {
        cuts.append(StreamedRows.Cut(row: rows.rowCount, column: column, byteCount: cell.fullCount))
      }
      cells.append((cell.bytes, cell.bytes.count < cell.fullCount))
    }
    let json = pages?.encoded(cells)
    size = json?.count ?? size
    guard bytes + size <= limits.bytes else {
      rows.truncation = .bytes
      return
    }
    if let json {
      guard pages?.add(json) == true else {
        rows.truncation = .rows
        return
      }
    } else {
      rows.rows.append(cells.map { $0?.bytes })
    }
    bytes += size
    rows.cuts += cuts
    rows.rowCount += 1
  }

  private mutating func expectColumns(of result: borrowing ResultHandle) {
    guard rows.columns.isEmpty else { return }
    rows.columns = result.columns
    pages?.expect(rows.columns)
  }

  /// The server has stopped, since it was told to.
  mutating func stop() {
    pages?.flush()
    rows.pages = pages?.pages ?? []
  }

  /// Takes what comes behind the last row.
  mutating func finish(_ result: borrowing ResultHandle) {
    expectColumns(of: result)
    stop()
    let tag = result.commandTag
    rows.commandTag = tag
    // What reads has columns and says how many rows it gave; CREATE TABLE AS and INTO say SELECT and have none.
    let verbs = ["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"] + (rows.columns.isEmpty ? ["SELECT"] : [])
    guard verbs.contains(where: { tag.hasPrefix($0) }) else { return }
    rows.affectedRows = tag.split(separator: " ").last.flatMap { Int($0) }
  }
}
