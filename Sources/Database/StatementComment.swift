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
    let parts = values.compactMap { key, value in value.map { "\(key)='\(Self.encoded($0))'" } }
    text = parts.isEmpty ? "" : "/*\(parts.joined(separator: ","))*/ "
  }

  /// Letters, digits and `-._~` stand for themselves, all else is percent-encoded: no quote, no slash, no asterisk.
  private static func encoded(_ value: String) -> String {
    var text = ""
    for byte in value.utf8.prefix(longest) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
