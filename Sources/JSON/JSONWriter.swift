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
    case .string(let value): JSONText.write(value, to: &out)
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
        JSONText.write(entry.key, to: &out)
        out.append(UInt8(ascii: ":"))
        if pretty { out.append(0x20) }
        entry.value.write(to: &out, pretty: pretty, depth: depth + 1)
      }
      if !object.entries.isEmpty { line(depth) }
      out.append(UInt8(ascii: "}"))
    }
  }
}
