// What drivers and mappers write where PostgreSQL has $1: `?`, `%s`, `%(name)s`, `:name`, `@name`.

/// The text with placeholders of other kinds numbered behind its own parameters, or nil where there are none. The same
/// name is the same number. Strings, quoted names and comments are left alone, and so are `::`, `?|`, `?&` and `@>`.
///
/// Only for text that does not parse as it stands: `?` and `@` are operators as well.
package func numberingPlaceholders(of text: String) -> String? {
  var scan = PlaceholderScan(Array(text.utf8))
  return scan.numbered()
}

/// One walk over the bytes of a text.
private struct PlaceholderScan {
  private let bytes: [UInt8]
  private var place = 0
  private var output: [UInt8] = []
  private var last: Int
  private var numbers: [[UInt8]: Int] = [:]
  private var hasFound = false

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    last = Self.highestParameter(in: bytes)
  }

  mutating func numbered() -> String? {
    while place < bytes.count {
      if let end = endOfQuoted() {
        copy(to: end)
      } else if let found = placeholder() {
        hasFound = true
        output += Array("$\(number(found.name))".utf8)
        place = found.end
      } else if at(place) == UInt8(ascii: "?"), at(place + 1) == UInt8(ascii: "?") {
        // How JDBC writes the operator.
        output.append(UInt8(ascii: "?"))
        place += 2
      } else {
        copy(to: place + 1)
      }
    }
    return hasFound ? String(decoding: output, as: UTF8.self) : nil
  }

  private mutating func copy(to end: Int) {
    output += bytes[place..<min(end, bytes.count)]
    place = end
  }

  private func at(_ position: Int) -> UInt8? { bytes.indices.contains(position) ? bytes[position] : nil }

  private static func isWord(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte == UInt8(ascii: "_") || byte >= 128 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
  }

  private static func isLetter(_ byte: UInt8?) -> Bool {
    isWord(byte) && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte ?? 0)
  }

  private mutating func number(_ name: [UInt8]?) -> Int {
    if let name, let known = numbers[name] { return known }
    last += 1
    if let name { numbers[name] = last }
    return last
  }

  /// The end of the string, quoted name or comment that begins here.
  private func endOfQuoted() -> Int? {
    switch at(place) {
    case UInt8(ascii: "'"):
      let hasEscapes = (at(place - 1) ?? 0) | 32 == UInt8(ascii: "e") && !Self.isWord(at(place - 2))
      return end(of: UInt8(ascii: "'"), hasEscapes: hasEscapes)
    case UInt8(ascii: "\""): return end(of: UInt8(ascii: "\""), hasEscapes: false)
    case UInt8(ascii: "-") where at(place + 1) == UInt8(ascii: "-"):
      return bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    case UInt8(ascii: "/") where at(place + 1) == UInt8(ascii: "*"):
      return position(after: Array("*/".utf8), from: place + 2)
    case UInt8(ascii: "$") where !Self.isWord(at(place - 1)):
      var close = place + 1
      while Self.isWord(at(close)) { close += 1 }
      guard at(close) == UInt8(ascii: "$"), close == place + 1 || Self.isLetter(at(place + 1)) else { return nil }
      return position(after: Array(bytes[place...close]), from: close + 1)
    default: return nil
    }
  }

  private func end(of mark: UInt8, hasEscapes: Bool) -> Int {
    var here = place + 1
    while let byte = at(here) {
      if hasEscapes && byte == UInt8(ascii: "\\") {
        here += 2
      } else if byte != mark {
        here += 1
      } else if at(here + 1) == mark {
        here += 2
      } else {
        return here + 1
      }
    }
    return bytes.count
  }

  private func position(after wanted: [UInt8], from start: Int) -> Int {
    var here = start
    while here + wanted.count <= bytes.count {
      if bytes[here..<here + wanted.count].elementsEqual(wanted) { return here + wanted.count }
      here += 1
    }
    return bytes.count
  }

  /// The placeholder that begins here, and its name where it has one.
  private func placeholder() -> (name: [UInt8]?, end: Int)? {
    let next = at(place + 1)
    switch at(place) {
    case UInt8(ascii: "?"):
      let isOperator = [UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "?")].contains(next)
      return isOperator ? nil : (nil, place + 1)
    case UInt8(ascii: "%") where next == UInt8(ascii: "s") && !Self.isWord(at(place + 2)): return (nil, place + 2)
    case UInt8(ascii: "%") where next == UInt8(ascii: "("):
      // Names are short: whoever writes a million of these must not have the rest of the text searched for each.
      guard let close = bytes[place...].prefix(Self.longestName).firstIndex(of: UInt8(ascii: ")")),
        at(close + 1) == UInt8(ascii: "s")
      else { return nil }
      return (Array(bytes[place + 2..<close]), close + 2)
    case UInt8(ascii: ":"), UInt8(ascii: "@"):
      let before = at(place - 1)
      guard Self.isLetter(next), !Self.isWord(before), before != at(place), before != UInt8(ascii: "]") else {
        return nil
      }
      var end = place + 1
      while Self.isWord(at(end)) { end += 1 }
      return (Array(bytes[place..<end]), end)
    default: return nil
    }
  }

  private static let longestName = 128

  private static func highestParameter(in bytes: [UInt8]) -> Int {
    var highest = 0
    for start in bytes.indices where bytes[start] == UInt8(ascii: "$") {
      let digits = bytes[(start + 1)...].prefix(5).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      highest = max(highest, Int(String(decoding: digits, as: UTF8.self)) ?? 0)
    }
    return highest
  }
}
