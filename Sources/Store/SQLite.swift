// SQLite's two handles, each freed by its owner. The only file that says `sqlite3_`.
// https://www.sqlite.org/cintro.html

internal import CSQLite

/// A value of a column or a parameter.
enum SQLiteValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case text(String)
  case bytes([UInt8])

  var integer: Int64? {
    guard case .integer(let value) = self else { return nil }
    return value
  }

  var bytes: [UInt8]? {
    switch self {
    case .bytes(let value): value
    case .text(let value): Array(value.utf8)
    default: nil
    }
  }
}

struct SQLiteFile: ~Copyable {
  private let handle: OpaquePointer

  /// - Parameter mayCreate: false: a file that is not there is an error.
  init(at path: String, mayCreate: Bool, patience: Int32) throws(StoreError) {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | (mayCreate ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_FULLMUTEX
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard let handle, code == SQLITE_OK else {
      let reason = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory"
      sqlite3_close_v2(handle)
      throw StoreError(code: .unreachable, message: "cannot open the store \(path): \(reason)")
    }
    self.handle = handle
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, patience)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs one statement.
  /// - Parameter row: gets each row's columns; false ends the reading.
  func run(
    _ sql: StaticString, _ values: [SQLiteValue] = [], _ row: ([SQLiteValue]) -> Bool = { _ in true }
  ) throws(StoreError) {
    let statement = try SQLiteStatement(sql, on: handle)
    try statement.run(values, row)
  }

  /// Runs the same statement once for each list of values.
  func run(_ sql: StaticString, each lists: [[SQLiteValue]]) throws(StoreError) {
    let statement = try SQLiteStatement(sql, on: handle)
    for list in lists { try statement.run(list) { _ in true } }
  }

  func first(_ sql: StaticString, _ values: [SQLiteValue] = []) throws(StoreError) -> [SQLiteValue]? {
    var found: [SQLiteValue]?
    try run(sql, values) { row in
      found = row
      return false
    }
    return found
  }

  /// All of `body`, or nothing of it. Whoever writes waits here for others who do.
  func transaction<R>(_ body: () throws(StoreError) -> R) throws(StoreError) -> R {
    try run("BEGIN IMMEDIATE")
    do throws(StoreError) {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }
}

/// One prepared statement.
private struct SQLiteStatement: ~Copyable {
  private let handle: OpaquePointer
  private let file: OpaquePointer

  init(_ sql: StaticString, on file: OpaquePointer) throws(StoreError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v2(file, sql.description, -1, &handle, nil)
    guard let handle, code == SQLITE_OK else { throw storeError(code, of: file) }
    (self.handle, self.file) = (handle, file)
  }

  deinit { sqlite3_finalize(handle) }

  func run(_ values: [SQLiteValue], _ row: ([SQLiteValue]) -> Bool) throws(StoreError) {
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    for (place, value) in values.enumerated() {
      let code = bind(value, Int32(place + 1))
      guard code == SQLITE_OK else { throw storeError(code, of: file) }
    }
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_DONE: return
      case SQLITE_ROW:
        var columns: [SQLiteValue] = []
        for place in 0..<sqlite3_column_count(handle) { columns.append(column(place)) }
        if !row(columns) { return }
      case let code: throw storeError(code, of: file)
      }
    }
  }

  private func bind(_ value: SQLiteValue, _ place: Int32) -> Int32 {
    // SQLite copies before it returns.
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return sqlite3_bind_null(handle, place)
    case .integer(let number): return sqlite3_bind_int64(handle, place, number)
    case .text(let text):
      return sqlite3_bind_text64(handle, place, text, UInt64(text.utf8.count), copied, UInt8(SQLITE_UTF8))
    case .bytes(let bytes): return sqlite3_bind_blob64(handle, place, bytes, UInt64(bytes.count), copied)
    }
  }

  private func column(_ place: Int32) -> SQLiteValue {
    switch sqlite3_column_type(handle, place) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, place))
    case SQLITE_NULL: return .null
    case SQLITE_TEXT:
      guard let text = sqlite3_column_text(handle, place) else { return .text("") }
      let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, place)))
      return .text(String(decoding: bytes, as: UTF8.self))
    default:
      guard let bytes = sqlite3_column_blob(handle, place) else { return .bytes([]) }
      return .bytes([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, place)))))
    }
  }
}

/// SQLite's own words name tables and files, and no values.
private func storeError(_ code: Int32, of file: OpaquePointer) -> StoreError {
  let kind: StoreError.Code =
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED: .busy
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY: .full
    case SQLITE_NOTADB: .foreign
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .unreachable
    default: .damaged
    }
  return StoreError(code: kind, message: "the store: \(String(cString: sqlite3_errmsg(file)))")
}
