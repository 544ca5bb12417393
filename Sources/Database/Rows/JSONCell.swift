// How a cell of PostgreSQL's text becomes JSON, by its type, without losing anything.

internal import JSON

/// What the values of a type are in JSON.
///
/// Numbers that a double holds as they stand, booleans, JSON and arrays of these as such; all else is the text that
/// PostgreSQL writes: numeric, timestamps, bytea, money, ranges, rows, and every type that somebody has made.
indirect enum JSONCell: Sendable, Equatable {
  case text
  case integer
  case float
  case boolean
  case json
  case array(of: JSONCell)

  /// By the identifiers that initdb has always given out
  /// (https://www.postgresql.org/docs/current/catalog-pg-type.html). Domains arrive as the type below them.
  init(typeID: UInt32) {
    switch typeID {
    case 16: self = .boolean
    // int8, int2, int4, oid, xid, cid, xid8
    case 20, 21, 23, 26, 28, 29, 5_069: self = .integer
    case 700, 701: self = .float
    case 114, 3_802: self = .json
    case 1_000: self = .array(of: .boolean)
    case 1_005, 1_007, 1_016, 1_028: self = .array(of: .integer)
    case 1_021, 1_022: self = .array(of: .float)
    case 199, 3_807: self = .array(of: .json)
    // Of text, varchar, bpchar, "char", name, uuid, numeric, timestamp, timestamptz, date, time, timetz, interval, bytea,
    // inet, cidr, macaddr, macaddr8, money, xml, bit, varbit.
    case 1_009, 1_015, 1_014, 1_002, 1_003, 2_951, 1_231, 1_115, 1_185, 1_182, 1_183, 1_270, 1_187, 1_001, 1_041, 651,
      1_040, 775, 791, 143, 1_561, 1_563:
      self = .array(of: .text)
    default: self = .text
    }
  }

  /// - Parameter isCut: the value is not whole, so that it can only be text.
  func write(_ bytes: ArraySlice<UInt8>, isCut: Bool = false, to out: inout [UInt8]) {
    let start = out.count
    let isWritten: Bool
    switch self {
    case _ where isCut: isWritten = false
    case .text: isWritten = false
    case .integer: isWritten = Self.writeInteger(bytes, to: &out)
    case .float: isWritten = Self.writeFloat(bytes, to: &out)
    case .boolean: isWritten = Self.writeBoolean(bytes, to: &out)
    case .json: isWritten = JSONText.writeCompacted(bytes, to: &out)
    case .array(let element):
      var reader = ArrayText(bytes: bytes, position: bytes.startIndex, element: element)
      isWritten = reader.write(to: &out)
    }
    guard !isWritten else { return }
    out.removeSubrange(start...)
    JSONText.write(bytes, to: &out)
  }

  private static func writeInteger(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
    // Nearly all are short.
    guard bytes.count <= 15 || Int64(String(decoding: bytes, as: UTF8.self)).map({ $0.magnitude < 1 << 53 }) == true
    else { return false }
    out += bytes
    return true
  }

  /// PostgreSQL writes the shortest digits that mean the same double, in a form that JSON takes.
  private static func writeFloat(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
    guard let last = bytes.last, (0x30...0x39).contains(last) else { return false }
    out += bytes
    return true
  }

  private static func writeBoolean(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
    out += (bytes.first == UInt8(ascii: "t") ? "true" : "false").utf8
    return true
  }
}

/// An array in PostgreSQL's text, read and written as JSON at once.
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
private struct ArrayText {
  let bytes: ArraySlice<UInt8>
  var position: Int
  let element: JSONCell
  private static let deepest = 6

  /// False for one whose bounds are written in front, since JSON has none.
  mutating func write(to out: inout [UInt8]) -> Bool { dimension(to: &out, depth: 0) && position == bytes.endIndex }

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func dimension(to out: inout [UInt8], depth: Int) -> Bool {
    guard depth < Self.deepest, take(UInt8(ascii: "{")) else { return false }
    out.append(UInt8(ascii: "["))
    if take(UInt8(ascii: "}")) {
      out.append(UInt8(ascii: "]"))
      return true
    }
    repeat {
      let isWritten = next == UInt8(ascii: "{") ? dimension(to: &out, depth: depth + 1) : value(to: &out)
      guard isWritten else { return false }
      out.append(UInt8(ascii: ","))
    } while take(UInt8(ascii: ","))
    out.removeLast()
    out.append(UInt8(ascii: "]"))
    return take(UInt8(ascii: "}"))
  }

  private mutating func value(to out: inout [UInt8]) -> Bool {
    guard next == UInt8(ascii: "\"") else {
      let start = position
      while let byte = next, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}") { position += 1 }
      let text = bytes[start..<position]
      if text.elementsEqual("NULL".utf8) { out += "null".utf8 } else { element.write(text, to: &out) }
      return !text.isEmpty
    }
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      guard position <= bytes.endIndex else { return false }
      text.append(bytes[position - 1])
    }
    element.write(text[...], to: &out)
    return take(UInt8(ascii: "\""))
  }
}
