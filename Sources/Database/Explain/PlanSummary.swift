// The few numbers that pricing needs of a plan, scanned without parsing it.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Cost, rows and used indexes of a plan.
///
/// `EXPLAIN (FORMAT JSON)` writes one key to a line, and strings cannot hold a line break, so a key at the beginning of
/// a line is a key: no value can forge one. The root's own costs stand before its children.
package struct PlanSummary: Sendable, Equatable {
  package var totalCost: Double
  package var startupCost: Double
  /// Rows the planner expects the root to return.
  package var rows: Double
  /// Of every index scan in the plan, in order, with repetitions.
  package var indexNames: [String]

  /// nil where the text is no plan.
  package init?(scanning bytes: [UInt8]) {
    var total: Double?
    var startup: Double?
    var rows: Double?
    var names: [String] = []
    bytes.withUnsafeBytes { text in
      var start = 0
      while start < text.count {
        var position = start
        while position < text.count, text[position] == UInt8(ascii: " ") { position += 1 }
        let end = Self.endOfLine(in: text, from: position)
        // Three of four lines are told apart by their length and their second byte.
        if end - position > 14, text[position] == UInt8(ascii: "\"") {
          switch text[position + 1] {
          case UInt8(ascii: "I"):
            if let value = Self.value(of: "\"Index Name\": ", in: text, position, end), let name = Self.string(value) {
              names.append(name)
            }
          case UInt8(ascii: "S") where startup == nil:
            startup = Self.value(of: "\"Startup Cost\": ", in: text, position, end).flatMap(Self.number)
          case UInt8(ascii: "T") where total == nil:
            total = Self.value(of: "\"Total Cost\": ", in: text, position, end).flatMap(Self.number)
          case UInt8(ascii: "P") where rows == nil:
            rows = Self.value(of: "\"Plan Rows\": ", in: text, position, end).flatMap(Self.number)
          default: break
          }
        }
        start = end + 1
      }
    }
    guard let total, let startup, let rows else { return nil }
    totalCost = total
    startupCost = startup
    self.rows = rows
    indexNames = names
  }

  private static func endOfLine(in text: UnsafeRawBufferPointer, from position: Int) -> Int {
    guard let start = text.baseAddress, position < text.count,
      let found = memchr(start + position, Int32(UInt8(ascii: "\n")), text.count - position)
    else { return text.count }
    return UnsafeRawPointer(found) - start
  }

  /// What stands behind the key, without the comma.
  private static func value(
    of key: StaticString, in text: UnsafeRawBufferPointer, _ start: Int, _ end: Int
  ) -> UnsafeRawBufferPointer? {
    guard end - start > key.utf8CodeUnitCount else { return nil }
    for offset in 0..<key.utf8CodeUnitCount where text[start + offset] != key.utf8Start[offset] { return nil }
    var last = end
    if text[last - 1] == UInt8(ascii: "\r") { last -= 1 }
    if text[last - 1] == UInt8(ascii: ",") { last -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[(start + key.utf8CodeUnitCount)..<last])
  }

  private static func number(_ text: UnsafeRawBufferPointer) -> Double? {
    Double(String(decoding: text, as: UTF8.self))
  }

  /// A JSON string's value; PostgreSQL escapes quotes, backslashes and control characters.
  private static func string(_ text: UnsafeRawBufferPointer) -> String? {
    guard text.count >= 2, text[0] == UInt8(ascii: "\""), text[text.count - 1] == UInt8(ascii: "\"") else {
      return nil
    }
    let inner = text[1..<(text.count - 1)]
    guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
    var bytes: [UInt8] = []
    var rest = inner
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "b"): bytes.append(8)
      case UInt8(ascii: "f"): bytes.append(12)
      case UInt8(ascii: "n"): bytes.append(10)
      case UInt8(ascii: "r"): bytes.append(13)
      case UInt8(ascii: "t"): bytes.append(9)
      case UInt8(ascii: "u"):
        guard let code = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16),
          let scalar = Unicode.Scalar(code)
        else { return nil }
        bytes += Array(String(scalar).utf8)
        rest = rest.dropFirst(4)
      case let other?: bytes.append(other)
      case nil: return nil
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
