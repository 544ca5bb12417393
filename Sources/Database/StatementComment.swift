// Who sends a statement, in a comment that nothing can end before its end.

/// Keys and values in front of a foreign statement, in the form of sqlcommenter: `/*agent='a',call='c'*/`.
/// https://google.github.io/sqlcommenter/spec/
package struct StatementComment: Sendable, Equatable {
  /// With a blank behind it; empty without values.
  let text: String
  /// Of one value, before it is encoded.
  private static let longest = 64

  /// - Parameter values: in the order of their keys; those without a value are left out.
  package init(_ values: [(key: StaticString, value: String?)]) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(160)
    for (key, value) in values {
      guard let value else { continue }
      bytes.append(contentsOf: bytes.isEmpty ? "/*".utf8 : ",".utf8)
      key.withUTF8Buffer { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: "='".utf8)
      Self.encode(value, to: &bytes)
      bytes.append(UInt8(ascii: "'"))
    }
    if !bytes.isEmpty { bytes.append(contentsOf: "*/ ".utf8) }
    text = String(decoding: bytes, as: UTF8.self)
  }

  /// Letters, digits and `-._~` stand for themselves, all else is percent-encoded: no quote, no slash, no asterisk.
  private static func encode(_ value: String, to bytes: inout [UInt8]) {
    for byte in value.utf8.prefix(longest) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(contentsOf: [byte >> 4, byte & 15].map { $0 < 10 ? 48 + $0 : 55 + $0 })
      }
    }
  }
}
