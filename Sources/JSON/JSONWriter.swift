// Values to bytes, the same bytes every time.

extension JSONValue {
  /// UTF-8; `pretty` puts two spaces a level and a line each member.
  package func bytes(pretty: Bool = false) -> [UInt8] {
    var out: [UInt8] = []
    write(to: &out, pretty: pretty, depth: 0)
    return out
  }

  package func text(pretty: Bool = false) -> String { String(decoding: bytes(pretty: pretty), as: UTF8.self) }

  private func write(to out: inout [UInt8], pretty: Bool, depth: Int) {
    func line(_ depth: Int) {
      guard pretty else { return }
      out.append(0x0a)
      out.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .number(let value):
      guard value.isFinite else { return out += "null".utf8 }
      // `1.0` keeps its fraction, so that it is read as the number it was and not as an integer.
      out += "\(value)".utf8
    case .string(let value): Self.write(value, to: &out)
    case .array(let elements):
      out.append(UInt8(ascii: "["))
      for (position, element) in elements.enumerated() {
        if position > 0 { out.append(UInt8(ascii: ",")) }
        line(depth + 1)
        element.write(to: &out, pretty: pretty, depth: depth + 1)
      }
      if !elements.isEmpty { line(depth) }
      out.append(UInt8(ascii: "]"))
    case .object(let object):
      out.append(UInt8(ascii: "{"))
      for (position, entry) in object.entries.enumerated() {
        if position > 0 { out.append(UInt8(ascii: ",")) }
        line(depth + 1)
        Self.write(entry.key, to: &out)
        out.append(UInt8(ascii: ":"))
        if pretty { out.append(0x20) }
        entry.value.write(to: &out, pretty: pretty, depth: depth + 1)
      }
      if !object.entries.isEmpty { line(depth) }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
      for byte in text.utf8 { writeEscaped(byte, to: &out) }
    } else {
      out += text.utf8
    }
    out.append(UInt8(ascii: "\""))
  }

  private static func writeEscaped(_ byte: UInt8, to out: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): out += #"\""#.utf8
    case UInt8(ascii: "\\"): out += #"\\"#.utf8
    case 0x0a: out += #"\n"#.utf8
    case 0x0d: out += #"\r"#.utf8
    case 0x09: out += #"\t"#.utf8
    case 0..<0x20, 0x7f:
      out += #"\u00"#.utf8
      for half in [byte >> 4, byte & 15] {
        out.append(half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "a") + half - 10)
      }
    default: out.append(byte)
    }
  }
}
