// Base64 by RFC 4648, in both alphabets.

/// An alphabet, and whether the end is padded.
struct Base64: Sendable {
  private let alphabet: [UInt8]
  private let isPadded: Bool

  private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
  static let standard = Base64(alphabet: Array((common + "+/").utf8), isPadded: true)
  /// For texts that stand in URLs and JSON; not padded.
  static let forURLs = Base64(alphabet: Array((common + "-_").utf8), isPadded: false)

  func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
      if isPadded { text += repeatElement(UInt8(ascii: "="), count: 3 - group.count) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for anything that `encode` would not have written.
  func decode(_ text: String) -> [UInt8]? {
    var digits = Array(text.utf8)
    if isPadded {
      guard digits.count % 4 == 0 else { return nil }
      for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
    }
    guard digits.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 4 * 3 + 2)
    for start in stride(from: 0, to: digits.count, by: 4) {
      let group = digits[start..<min(start + 4, digits.count)]
      var bits: UInt32 = 0
      for digit in group {
        guard let value = Self.value(of: digit, in: alphabet) else { return nil }
        bits = bits << 6 | value
      }
      bits <<= UInt32(6 * (4 - group.count))
      for place in 0..<(group.count - 1) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * place))) }
      // Bits that no byte takes must be zero, or two texts would mean the same bytes.
      guard group.count == 4 || bits & (group.count == 2 ? 0xffff : 0xff) == 0 else { return nil }
    }
    return bytes
  }

  private static func value(of digit: UInt8, in alphabet: [UInt8]) -> UInt32? {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) + 4
    case alphabet[62]: 62
    case alphabet[63]: 63
    default: nil
    }
  }
}
