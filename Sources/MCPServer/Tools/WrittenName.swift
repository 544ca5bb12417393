// A name as it stands in somebody's SQL: parts with dots between them, quoted or not.

/// Read at one place of a text, as PostgreSQL reads names.
/// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
struct WrittenName: Equatable {
  let parts: [String]

  /// nil where no name begins.
  init?(in text: String, at offset: Int) {
    var rest = Array(text.utf8).dropFirst(offset)
    var parts: [String] = []
    repeat {
      guard let part = Self.part(&rest) else { break }
      parts.append(part)
    } while parts.count < 4 && rest.popFirst() == UInt8(ascii: ".")
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  /// As PostgreSQL's messages have it: `schema.table`, in which nothing is quoted.
  init?(_ text: String) {
    let parts = text.split(separator: ".", maxSplits: 3).map(String.init)
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  var last: String { parts[parts.count - 1] }

  /// The part in front of the last one.
  var qualifier: String? { parts.count > 1 ? parts[parts.count - 2] : nil }

  private static func part(_ rest: inout ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    if rest.first == UInt8(ascii: "\"") {
      rest.removeFirst()
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\"") {
          guard rest.first == byte else { break }
          rest.removeFirst()
        }
        bytes.append(byte)
      }
      return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
    while let byte = rest.first, isPlain(byte, isFirst: bytes.isEmpty) {
      bytes.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
      rest.removeFirst()
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xff:
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$"): !isFirst
    default: false
    }
  }
}
