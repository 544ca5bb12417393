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
  /// None that can be.
  static let absent: UInt64 = 8
}

/// A cursor over bytes, which must outlive it. Every step is checked against the end before it is taken, so the
/// reads themselves are not.
struct WireReader {
  private var position: UnsafeRawPointer
  private let end: UnsafeRawPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    // Of no bytes at all there is no address.
    position = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = position + bytes.count
  }

  private init(_ position: UnsafeRawPointer, count: Int) {
    self.position = position
    end = position + count
  }

  var isAtEnd: Bool { position >= end }

  @inline(__always)
  mutating func varint() throws(WireFault) -> UInt64 {
    guard position < end else { throw .truncated }
    let byte = position.load(as: UInt8.self)
    position += 1
    if byte < 0x80 { return UInt64(byte) }
    return try longVarint(UInt64(byte & 0x7f))
  }

  private mutating func longVarint(_ low: UInt64) throws(WireFault) -> UInt64 {
    var value = low
    var shift: UInt64 = 7
    while position < end {
      let byte = position.load(as: UInt8.self)
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

  /// Goes past the next tag if it is this one.
  @inline(__always)
  mutating func skipTag(_ tag: UInt64) throws(WireFault) -> Bool {
    guard !isAtEnd else { return false }
    var ahead = self
    guard try ahead.tag() == tag else { return false }
    self = ahead
    return true
  }

  /// A length-delimited value, to be read by itself; this cursor goes past it.
  @inline(__always)
  mutating func delimited() throws(WireFault) -> WireReader {
    let length = try varint()
    guard length <= UInt64(end - position) else { throw .badLength }
    let value = WireReader(position, count: Int(length))
    position = value.end
    return value
  }

  /// The values of a repeated field whose first tag has been read, with the tags between them; this cursor goes past
  /// them.
  @inline(__always)
  mutating func run(of tag: UInt64) throws(WireFault) -> UnsafeRawBufferPointer {
    let start = position
    repeat { _ = try delimited() } while try skipTag(tag)
    return UnsafeRawBufferPointer(start: start, count: position - start)
  }

  mutating func double() throws(WireFault) -> Double {
    guard end - position >= 8 else { throw .truncated }
    let bits = position.loadUnaligned(as: UInt64.self)
    position += 8
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  /// All that is left, as text.
  @inline(__always)
  func text() throws(WireFault) -> String {
    let bytes = UnsafeRawBufferPointer(start: position, count: end - position)
    // Nearly all strings are short and plain, which needs no general validation.
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return text
  }
}
