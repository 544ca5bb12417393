// Somebody's JSON, put into a message of ours without losing a digit.

extension JSONText {
  /// Writes a JSON text on one line. Numbers that a reader with doubles would not give back as they stand become strings.
  ///
  /// - Returns: false, with nothing written, for what is no JSON that every reader takes: nested more than 100 deep, with
  ///   a lone surrogate, or with a key that an object has twice.
  package static func writeCompacted(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) -> Bool {
    let start = out.count
    var compaction = JSONCompaction(bytes: bytes, position: bytes.startIndex)
    if compaction.document(to: &out) { return true }
    out.removeSubrange(start...)
    return false
  }

  /// Whether a number's digits survive being read as a double: `0.1` and `9007199254740991` do, `9007199254740993` and
  /// `0.10000000000000000001` do not.
  package static func isExact(number: ArraySlice<UInt8>) -> Bool {
    if number.count <= 15 && !number.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) { return true }
    guard let double = Double(String(decoding: number, as: UTF8.self)), double.isFinite else { return false }
    return Decimal(number) == Decimal(Array("\(double)".utf8)[...])
  }
}

/// Digits without the zeros around them, and where the point is: 1.50 and 15e-1 are the same.
private struct Decimal: Equatable {
  private var isNegative = false
  private var digits: [UInt8] = []
  private var exponent = 0

  init(_ text: ArraySlice<UInt8>) {
    var isFraction = false
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "-"): isNegative = true
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        exponent += Int(String(decoding: rest, as: UTF8.self)) ?? 0
        rest = []
      default:
        digits.append(byte)
        if isFraction { exponent -= 1 }
      }
    }
    while digits.last == UInt8(ascii: "0") {
      digits.removeLast()
      exponent += 1
    }
    digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
    if digits.isEmpty { exponent = 0 }
  }
}

/// Reads and writes at once.
private struct JSONCompaction {
  let bytes: ArraySlice<UInt8>
  var position: Int
  private static let deepest = 100

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  mutating func document(to out: inout [UInt8]) -> Bool {
    guard value(to: &out, depth: 0) else { return false }
    skipSpace()
    return next == nil
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(to out: inout [UInt8], depth: Int) -> Bool {
    guard depth < Self.deepest else { return false }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return object(to: &out, depth: depth)
    case UInt8(ascii: "["): return array(to: &out, depth: depth)
    case UInt8(ascii: "\""): return string(to: &out) != nil
    case UInt8(ascii: "t"): return word("true", to: &out)
    case UInt8(ascii: "f"): return word("false", to: &out)
    case UInt8(ascii: "n"): return word("null", to: &out)
    default: return number(to: &out)
    }
  }

  private mutating func word(_ word: StaticString, to out: inout [UInt8]) -> Bool {
    let wanted = Array(word.description.utf8)
    guard bytes[position...].starts(with: wanted) else { return false }
    position += wanted.count
    out += wanted
    return true
  }

  private mutating func array(to out: inout [UInt8], depth: Int) -> Bool {
    position += 1
    out.append(UInt8(ascii: "["))
    if !take(UInt8(ascii: "]")) {
      repeat {
        guard value(to: &out, depth: depth + 1) else { return false }
        out.append(UInt8(ascii: ","))
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { return false }
      out.removeLast()
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  private mutating func object(to out: inout [UInt8], depth: Int) -> Bool {
    position += 1
    out.append(UInt8(ascii: "{"))
    if !take(UInt8(ascii: "}")) {
      var keys: Set<[UInt8]> = []
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\""), let key = string(to: &out), keys.insert(key).inserted,
          take(UInt8(ascii: ":"))
        else { return false }
        out.append(UInt8(ascii: ":"))
        guard value(to: &out, depth: depth + 1) else { return false }
        out.append(UInt8(ascii: ","))
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { return false }
      out.removeLast()
    }
    out.append(UInt8(ascii: "}"))
    return true
  }

  /// Written with our escapes instead of those it had.
  /// - Returns: what it says.
  private mutating func string(to out: inout [UInt8]) -> [UInt8]? {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        JSONText.write(text[...], to: &out)
        return text
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text += Array(String(scalar).utf8)
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let unit = unit() else { return nil }
    guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) }
    guard take(escaped: UInt8(ascii: "u")), let low = self.unit(), (0xdc00..<0xe000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
  }

  private mutating func take(escaped letter: UInt8) -> Bool {
    guard bytes[position...].starts(with: [UInt8(ascii: "\\"), letter]) else { return false }
    position += 2
    return true
  }

  private mutating func unit() -> UInt32? {
    guard bytes.endIndex - position >= 4 else { return nil }
    let digits = bytes[position..<position + 4]
    guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
    position += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private mutating func number(to out: inout [UInt8]) -> Bool {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let first = position
    guard digits() > 0, position - first == 1 || bytes[first] != UInt8(ascii: "0") else { return false }
    if next == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { return false }
    }
    if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { return false }
    }
    let number = bytes[start..<position]
    if JSONText.isExact(number: number) { out += number } else { JSONText.write(number, to: &out) }
    return true
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    return position - start
  }
}
