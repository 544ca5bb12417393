// The owners of libpq's C handles: each is freed by its `deinit`, and by nobody else.

internal import CLibPQ

/// One connection to a server or pooler. Made on one thread and then lent to one task at a time by its `Wire`; libpq
/// asks for no more. Kept as an address, since it is handed over once.
struct Connection: ~Copyable, Sendable {
  private let address: UInt

  var pointer: OpaquePointer? { OpaquePointer(bitPattern: address) }

  init(adopting pointer: OpaquePointer) { address = UInt(bitPattern: pointer) }

  deinit { PQfinish(pointer) }

  /// libpq's last words on this connection.
  var errorMessage: String { String(cString: PQerrorMessage(pointer)) }

  var isBroken: Bool { PQstatus(pointer) == CONNECTION_BAD }
}

/// One finished command's answer.
struct ResultHandle: ~Copyable {
  let pointer: OpaquePointer

  init(adopting pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// All cells, copied out.
  var rows: StepRows {
    let width = PQnfields(pointer)
    let height = PQntuples(pointer)
    var columns: [String] = []
    for column in 0..<width { columns.append(PQfname(pointer, column).map { String(cString: $0) } ?? "") }
    var rows: [[[UInt8]?]] = []
    rows.reserveCapacity(Int(height))
    for row in 0..<height {
      var cells: [[UInt8]?] = []
      cells.reserveCapacity(Int(width))
      for column in 0..<width { cells.append(cell(row, column)) }
      rows.append(cells)
    }
    return StepRows(columns: columns, rows: rows)
  }

  var priceAlone: StepRows {
    var rows = StepRows()
    rows.price = planPrice
    return rows
  }

  /// Read where it lies: pricing asks for thousands.
  private var planPrice: PlanPrice? {
    let height = PQntuples(pointer)
    guard height > 0, let first = PQgetvalue(pointer, 0, 0) else { return nil }
    if first.pointee == CChar(bitPattern: UInt8(ascii: "[")) {
      return cell(0, 0).flatMap { PlanSummary(scanning: $0) }.flatMap { PlanPrice($0) }
    }
    var scanner = PlanPriceScanner()
    for row in 0..<height {
      guard let start = PQgetvalue(pointer, row, 0) else { continue }
      scanner.take(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, row, 0))))
    }
    return scanner.price
  }

  /// The object identifiers of a described statement's parameters.
  var parameterTypes: [UInt32] {
    (0..<PQnparams(pointer)).map { PQparamtype(pointer, $0) }
  }

  /// One field of an error, for instance its SQLSTATE.
  func field(_ code: UInt8) -> String? {
    PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
  }

  var width: Int { Int(PQnfields(pointer)) }

  /// Names and types; a type's own name is asked for later.
  var columns: [StreamedRows.Column] {
    (0..<PQnfields(pointer)).map { column in
      StreamedRows.Column(
        name: PQfname(pointer, column).map { String(cString: $0) } ?? "", typeID: PQftype(pointer, column))
    }
  }

  /// For instance "UPDATE 3".
  var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  /// A cell of the first row, cut behind a whole character; nil for NULL.
  func cell(_ column: Int, cutAt limit: Int) -> (bytes: [UInt8], fullCount: Int)? {
    let column = Int32(column)
    guard PQgetisnull(pointer, 0, column) == 0, let start = PQgetvalue(pointer, 0, column) else { return nil }
    let all = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, 0, column)))
    if all.count <= limit { return ([UInt8](all), all.count) }
    var end = max(0, limit)
    // Not in the middle of a character: the bytes that go on with one are 10xxxxxx.
    while end > 0, all[end] & 0xC0 == 0x80 { end -= 1 }
    return ([UInt8](all[..<end]), all.count)
  }

  /// Of all cells of a result's first row.
  var rowByteCount: Int { (0..<PQnfields(pointer)).reduce(0) { $0 + Int(PQgetlength(pointer, 0, $1)) } }

  private func cell(_ row: Int32, _ column: Int32) -> [UInt8]? {
    guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(pointer, row, column))))
  }
}

/// What `PQcancel` needs of a connection; libpq allows it on any thread, hence the address.
/// https://www.postgresql.org/docs/current/libpq-cancel.html
struct CancelHandle: ~Copyable, Sendable {
  private let address: UInt

  private var pointer: OpaquePointer? { OpaquePointer(bitPattern: address) }

  init(for connection: borrowing Connection) { address = UInt(bitPattern: PQgetCancel(connection.pointer)) }

  deinit { PQfreeCancel(pointer) }

  /// Blocks until the server has taken notice. With libpq 15 the request is not encrypted, even beside TLS; it holds
  /// no data, only the key of this connection.
  borrowing func send() {
    var message = [CChar](repeating: 0, count: 256)
    _ = PQcancel(pointer, &message, Int32(message.count))
  }
}
