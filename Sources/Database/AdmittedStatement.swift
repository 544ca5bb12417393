// Foreign statements that are run for their rows, under caps.

/// Foreign text that somebody answers for: made by the executor of `Governance` alone, from an admission.
///
/// It travels by the extended protocol, which takes one statement only: nothing hides behind a semicolon.
package struct AdmittedStatement: Sendable {
  package let text: String
  let request: PlanRequest

  package init(admitting text: String, parameters: [PlanParameter] = []) {
    self.text = text
    request = PlanRequest(admitting: text, parameters: parameters)
  }
}

extension PlanRequest {
  /// For `AdmittedStatement` alone: this one is run as it stands.
  init(admitting text: String, parameters: [PlanParameter]) {
    self.init(unchanged: text, parameters: parameters)
  }
}

/// What is taken of a statement's rows.
package struct RowLimits: Sendable, Hashable {
  package var rows: Int
  /// Of all cells together.
  package var bytes: Int
  /// Of one cell; longer ones are cut.
  package var cellBytes: Int

  package init(rows: Int = 1_000, bytes: Int = 1_048_576, cellBytes: Int = 65_536) {
    self.rows = rows
    self.bytes = bytes
    self.cellBytes = cellBytes
  }
}

/// The rows that were taken.
package struct StreamedRows: Sendable, Equatable {
  package enum Cap: String, Sendable { case rows, bytes }

  package struct Column: Sendable, Equatable {
    package var name: String
    package var typeID: UInt32
  }

  package var columns: [Column] = []
  /// Row by row, cell by cell, as PostgreSQL's text; nil is NULL.
  package var rows: [[[UInt8]?]] = []
  /// Which cap was reached; nil when these are all rows.
  package var truncation: Cap?
  /// Cells that were cut at `cellBytes`.
  package var cutCells = 0
  /// As PostgreSQL says it, for instance "UPDATE 3".
  package var commandTag = ""
  /// Rows that were changed, or nil for what changes none.
  package var affectedRows: Int?

  package init() {}
}

/// Gathers rows as they arrive, and no more than the caps allow.
struct RowCollector: Sendable {
  let limits: RowLimits
  private(set) var rows = StreamedRows()
  private var bytes = 0

  init(limits: RowLimits) { self.limits = limits }

  var isFull: Bool { rows.truncation != nil }

  mutating func name(_ columns: @autoclosure () -> [StreamedRows.Column]) {
    if rows.columns.isEmpty { rows.columns = columns() }
  }

  /// Takes one row, or notes that there are more than the caps allow.
  mutating func take(width: Int, cell: (Int, _ limit: Int) -> (bytes: [UInt8], isCut: Bool)?) {
    if isFull { return }
    guard rows.rows.count < limits.rows else {
      rows.truncation = .rows
      return
    }
    var cells: [[UInt8]?] = []
    cells.reserveCapacity(width)
    var isCut = 0
    var size = 0
    for column in 0..<width {
      guard let taken = cell(column, limits.cellBytes) else {
        cells.append(nil)
        continue
      }
      size += taken.bytes.count
      isCut += taken.isCut ? 1 : 0
      cells.append(taken.bytes)
    }
    guard bytes + size <= limits.bytes else {
      rows.truncation = .bytes
      return
    }
    bytes += size
    rows.cutCells += isCut
    rows.rows.append(cells)
  }

  mutating func finish(tag: String) {
    rows.commandTag = tag
    let isQuery = tag.hasPrefix("SELECT") || tag.hasPrefix("SHOW") || tag.hasPrefix("EXPLAIN") || tag.hasPrefix("FETCH")
    rows.affectedRows = isQuery ? nil : tag.split(separator: " ").last.flatMap { Int($0) }
  }
}

extension Session {
  /// Runs one foreign statement and takes its rows as they arrive. Memory is bounded by the caps and one row. When a cap
  /// is reached the server is told to stop, if the transaction only reads, and the rest is discarded.
  ///
  /// To be called inside `bounded`; cancelling the task cancels the statement.
  /// - Throws: PostgreSQL's reason, `.statementTimeout`, `.cancelled`, `.connectionLost`.
  package func stream(
    _ statement: AdmittedStatement, limits: RowLimits, stopsAtCap: Bool
  ) async throws(DatabaseError) -> StreamedRows {
    let answers = try await exchange([.stream(statement.request, limits, stopsAtCap: stopsAtCap)])
    return try answers[0].get().streamed ?? StreamedRows()
  }
}
