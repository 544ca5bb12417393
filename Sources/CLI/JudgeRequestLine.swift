// One line of `judge --jsonl`: `{"id": …, "sql": "…"}`, and what can be saved of one that is not.

import JSON

/// What a line asks, or why it asks nothing.
struct JudgeRequestLine: Equatable {
  /// The id as it was written, byte by byte: numbers keep their digits. `null` where there is none.
  var id: [UInt8] = Array("null".utf8)
  /// nil: `complaint` says why.
  var sql: String?
  var complaint = ""

  init(_ line: JudgeLine, limits: JudgeLimits = JudgeLimits()) {
    let bytes: [UInt8]
    switch line {
    case .tooLong(let beginning):
      complaint = "the line has more than \(limits.lineBytes) bytes"
      saveID(beginning)
      return
    case .whole(let whole): bytes = whole.starts(with: Self.byteOrderMark) ? Array(whole.dropFirst(3)) : whole
    }
    do {
      let value = try JSONValue(parsing: bytes)
      guard let object = value.object else {
        complaint = "the line is not a JSON object"
        return
      }
      if let value = object["id"] { id = Self.rawID(in: bytes).map(Array.init) ?? value.bytes() }
      sql = object["sql"]?.string
      if sql == nil {
        complaint = object["sql"] == nil ? "the line has no \"sql\"" : "\"sql\" is not a string"
      }
    } catch {
      complaint = bytes.allSatisfy { Self.isSpace($0) } ? "the line is empty" : "the line is not JSON: \(error)"
      saveID(bytes)
    }
  }

  /// Some programs begin a file with it.
  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// The line is broken; its id may stand before that.
  private mutating func saveID(_ bytes: [UInt8]) {
    guard let raw = Self.rawID(in: bytes).map(Array.init), (try? JSONValue(parsing: raw)) != nil else { return }
    id = raw
  }

  /// The value of the first member called `id` of the object that the bytes begin with. What stands behind it need not
  /// be JSON; of what stands before only brackets, strings and commas are looked at.
  private static func rawID(in bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var position = 0
    skipSpace(bytes, &position)
    guard take(UInt8(ascii: "{"), bytes, &position) else { return nil }
    while true {
      skipSpace(bytes, &position)
      guard let key = string(bytes, &position) else { return nil }
      skipSpace(bytes, &position)
      guard take(UInt8(ascii: ":"), bytes, &position) else { return nil }
      skipSpace(bytes, &position)
      guard let value = value(bytes, &position) else { return nil }
      if key.elementsEqual("\"id\"".utf8) { return value }
      skipSpace(bytes, &position)
      guard take(UInt8(ascii: ","), bytes, &position) else { return nil }
    }
  }

  private static func take(_ byte: UInt8, _ bytes: [UInt8], _ position: inout Int) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private static func skipSpace(_ bytes: [UInt8], _ position: inout Int) {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  /// With its quotation marks.
  private static func string(_ bytes: [UInt8], _ position: inout Int) -> ArraySlice<UInt8>? {
    let start = position
    guard take(UInt8(ascii: "\""), bytes, &position) else { return nil }
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\\"): position += 2
      case UInt8(ascii: "\""):
        position += 1
        return bytes[start..<position]
      default: position += 1
      }
    }
    return nil
  }

  /// A string, a number or word up to what ends it, or brackets with all between them.
  private static func value(_ bytes: [UInt8], _ position: inout Int) -> ArraySlice<UInt8>? {
    let start = position
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        guard string(bytes, &position) != nil else { return nil }
        if depth == 0 { return bytes[start..<position] }
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        position += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if depth == 0 { return bytes[start..<position] }
        depth -= 1
        position += 1
        if depth == 0 { return bytes[start..<position] }
      case UInt8(ascii: ","), 0x20, 0x09, 0x0d:
        if depth == 0 { return bytes[start..<position] }
        position += 1
      default: position += 1
      }
    }
    return nil
  }
}
