// Text as a JSON string, with everything escaped that nobody would see or that turns the writing round.

package enum JSONText {
  /// Writes UTF-8 as a JSON string, quotes included. What is no UTF-8 becomes U+FFFD.
  ///
  /// Controls, invisible characters and those that change the direction of writing are escaped as `\uXXXX`: whoever
  /// parses it gets them back, and whoever looks at the message sees them.
  package static func write(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) { writeString(bytes, to: &out) }

  /// The same of a string.
  package static func write(_ text: String, to out: inout [UInt8]) {
    let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { writeString($0, to: &out) }
    if isWritten == nil { writeString(Array(text.utf8), to: &out) }
  }

  private static func writeString<Bytes: RandomAccessCollection>(_ bytes: Bytes, to out: inout [UInt8])
  where Bytes.Element == UInt8, Bytes.Index == Int {
    out.append(UInt8(ascii: "\""))
    var start = bytes.startIndex
    var place = start
    let end = bytes.endIndex
    while place < end {
      let byte = bytes[place]
      if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        place += 1
        continue
      }
      if byte < 0x80 {
        out += bytes[start..<place]
        writeEscaped(byte, to: &out)
        place += 1
        start = place
        continue
      }
      let (scalar, length) = decoded(bytes, at: place, end)
      if let scalar, !isInvisible(scalar) {
        place += length
        continue
      }
      out += bytes[start..<place]
      if let scalar { writeEscaped(scalar: scalar, to: &out) } else { out += [0xef, 0xbf, 0xbd] }
      place += length
      start = place
    }
    out += bytes[start..<end]
    out.append(UInt8(ascii: "\""))
  }

  /// One scalar that is not ASCII; nil and one byte for what is none.
  /// https://www.unicode.org/versions/latest/core-spec/chapter-3/#G27506
  private static func decoded<Bytes: RandomAccessCollection>(
    _ bytes: Bytes, at place: Int, _ end: Int
  ) -> (scalar: UInt32?, length: Int) where Bytes.Element == UInt8, Bytes.Index == Int {
    let lead = bytes[place]
    let length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
    guard length > 0, place + length <= end else { return (nil, 1) }
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length {
      let byte = bytes[place + offset]
      guard byte & 0xc0 == 0x80 else { return (nil, 1) }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= least, value <= 0x10ffff, !(0xd800...0xdfff).contains(value) else { return (nil, 1) }
    return (value, length)
  }

  private static func isInvisible(_ scalar: UInt32) -> Bool {
    if scalar < 0x600 { return scalar < 0xa0 || scalar == 0xad || scalar == 0x61c }
    switch scalar {
    case 0x180e, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe0fff:
      return true
    default: return false
    }
  }

  private static func writeEscaped(scalar: UInt32, to out: inout [UInt8]) {
    guard scalar >= 0x10000 else { return writeEscaped(unit: scalar, to: &out) }
    writeEscaped(unit: 0xd800 + (scalar - 0x10000) >> 10, to: &out)
    writeEscaped(unit: 0xdc00 + (scalar - 0x10000) & 0x3ff, to: &out)
  }

  private static func writeEscaped(unit: UInt32, to out: inout [UInt8]) {
    out += #"\u"#.utf8
    for shift in [12, 8, 4, 0] as [UInt32] {
      let half = UInt8(unit >> shift & 15)
      out.append(half < 10 ? UInt8(ascii: "0") + half : UInt8(ascii: "a") + half - 10)
    }
  }

  private static func writeEscaped(_ byte: UInt8, to out: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\""): out += #"\""#.utf8
    case UInt8(ascii: "\\"): out += #"\\"#.utf8
    case 0x0a: out += #"\n"#.utf8
    case 0x0d: out += #"\r"#.utf8
    case 0x09: out += #"\t"#.utf8
    default: writeEscaped(unit: UInt32(byte), to: &out)
    }
  }
}
