// The protobuf wire format: numbers and lengths out of bytes, every step checked against the end.
// https://protobuf.dev/programming-guides/encoding/

/// Bytes that are not what libpg_query's schema promises.
enum WireFault: Error {
  case truncated, badNumber, badTag, wrongWireType, badLength
  case unknownField, unknownAlternative, unknownSymbol, repeatedTwice, notUTF8, tooDeep

  /// For people; nobody but the authors of this program and of libpg_query can do anything about most of them.
  var syntaxError: SyntaxError {
    switch self {
    case .tooDeep: SyntaxError(.tooDeep, "the statement is nested too deeply")
    case .notUTF8: SyntaxError(.encoding, "the statement holds a string that is not UTF-8")
    default: SyntaxError(.parserMismatch, "libpg_query gave a tree that does not follow its schema (\(self))")
    }
  }
}

/// The kinds of values on the wire that libpg_query uses.
enum WireType {
  static let varint: UInt64 = 0
  static let fixed64: UInt64 = 1
  static let bytes: UInt64 = 2
  static let fixed32: UInt64 = 5
}

/// A cursor over a range of bytes.
struct WireReader {
  let bytes: UnsafeRawBufferPointer
  var position: Int
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    self.init(bytes, 0..<bytes.count)
  }

  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  @inline(__always)
  mutating func varint() throws(WireFault) -> UInt64 {
    guard position < end else { throw .truncated }
    let byte = bytes[position]
    position &+= 1
    if byte < 0x80 { return UInt64(byte) }
    return try longVarint(UInt64(byte & 0x7f))
  }

  private mutating func longVarint(_ low: UInt64) throws(WireFault) -> UInt64 {
    var value = low
    var shift: UInt64 = 7
    while position < end {
      let byte = bytes[position]
      position += 1
      // The tenth byte holds the topmost bit alone.
      guard shift < 63 || byte <= 1 else { throw .badNumber }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
      guard shift <= 63 else { throw .badNumber }
    }
    throw .truncated
  }

  /// The number and the wire type of the next field, still in one number.
  @inline(__always)
  mutating func tag() throws(WireFault) -> UInt64 {
    let tag = try varint()
    guard tag >= 8, tag < 1 << 32 else { throw .badTag }
    return tag
  }

  /// The range of a length-delimited value, which is skipped.
  @inline(__always)
  mutating func delimited() throws(WireFault) -> Range<Int> {
    let length = try varint()
    guard length <= UInt64(end &- position) else { throw .badLength }
    let start = position
    position = start &+ Int(length)
    return start..<position
  }

  mutating func double() throws(WireFault) -> Double {
    guard end - position >= 8 else { throw .truncated }
    let bits = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    position += 8
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  @inline(__always)
  mutating func skip(_ wireType: UInt64) throws(WireFault) {
    switch wireType {
    case WireType.varint: _ = try varint()
    case WireType.bytes: _ = try delimited()
    case WireType.fixed64: _ = try double()
    default: throw .wrongWireType
    }
  }

  func text(_ range: Range<Int>) throws(WireFault) -> String {
    let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
    // Nearly all strings are short and plain, which needs no general validation.
    if slice.allSatisfy({ $0 < 0x80 }) { return String(decoding: slice, as: UTF8.self) }
    guard let text = String(validating: slice, as: UTF8.self) else { throw .notUTF8 }
    return text
  }
}
