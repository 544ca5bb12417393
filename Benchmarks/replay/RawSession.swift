// One connection on which foreign statements run as psql sends them, by the simple protocol.

import CLibPQ
import Foundation

@testable import Database

/// What the server said to one text.
struct RawOutcome: Sendable {
  var rows = StepRows()
  /// nil: it ran.
  var sqlState: String?
  var message = ""
  var isLost = false

  var ran: Bool { sqlState == nil && !isLost }
}

/// A connection of libpq, used by one task at a time.
final class RawSession: @unchecked Sendable {
  private let pointer: OpaquePointer
  let server: ServerInfo

  init?(_ url: String, server: ServerInfo) {
    guard let pointer = PQconnectdb(url) else { return nil }
    self.pointer = pointer
    self.server = server
    guard PQstatus(pointer) == CONNECTION_OK else { return nil }
    _ = PQsetNoticeProcessor(pointer, { _, _ in }, nil)
  }

  deinit { PQfinish(pointer) }

  var processID: Int32 { PQbackendPID(pointer) }
  var isIdle: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }
  var hasFailed: Bool { PQtransactionStatus(pointer) == PQTRANS_INERROR }
  var isLost: Bool { PQstatus(pointer) != CONNECTION_OK }

  /// Takes the notifications that have come; true if there were any.
  func takeNotifications() -> Bool {
    _ = PQconsumeInput(pointer)
    var hasAny = false
    while let notification = PQnotifies(pointer) {
      PQfreemem(notification)
      hasAny = true
    }
    return hasAny
  }

  /// Runs a text of one or several statements. `data` feeds `COPY … FROM stdin`.
  func run(_ text: String, data: () -> [UInt8] = { [] }) -> RawOutcome {
    var outcome = RawOutcome()
    guard PQsendQuery(pointer, text) == 1 else {
      outcome.isLost = isLost
      outcome.sqlState = "XX000"
      return outcome
    }
    while let result = PQgetResult(pointer) {
      let handle = ResultHandle(adopting: result)
      switch handle.status {
      case PGRES_COPY_IN: feed(data())
      case PGRES_COPY_OUT, PGRES_COPY_BOTH: drain()
      case PGRES_TUPLES_OK: outcome.rows = handle.rows
      case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
        outcome.sqlState = handle.field(UInt8(ascii: "C")) ?? "08006"
        outcome.message = handle.field(UInt8(ascii: "M")) ?? String(cString: PQerrorMessage(pointer))
      default: break
      }
      if isLost { break }
    }
    outcome.isLost = isLost
    return outcome
  }

  /// Asks one of our own questions, with values bound.
  func ask(_ question: SQL, _ values: [String] = []) throws(DatabaseError) -> StepRows {
    var strings: [UnsafeMutablePointer<CChar>?] = values.map { strdup($0) }
    defer { for string in strings { free(string) } }
    let result = strings.withUnsafeMutableBufferPointer { buffer in
      buffer.withMemoryRebound(to: UnsafePointer<CChar>?.self) { values in
        PQexecParams(pointer, question.text, Int32(values.count), nil, values.baseAddress, nil, nil, 0)
      }
    }
    guard let result else { throw DatabaseError(code: .connectionLost, message: "the connection is lost") }
    let handle = ResultHandle(adopting: result)
    switch handle.status {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return handle.rows
    default: throw DatabaseError(handle, wasCancelled: false)
    }
  }

  private func feed(_ data: [UInt8]) {
    _ = data.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { PQputCopyData(pointer, $0.baseAddress, Int32($0.count)) }
    }
    _ = PQputCopyEnd(pointer, nil)
  }

  private func drain() {
    var buffer: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(pointer, &buffer, 0) > 0 {
      PQfreemem(buffer)
      buffer = nil
    }
  }
}
