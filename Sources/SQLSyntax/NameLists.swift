// Lists of names that a statement says over and over, decoded once.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Remembers what the last runs of bytes were decoded to: `o.customer_id`, `=` and `count` come many times in a
/// statement, and none of them knows where it stands. A run that has been met takes a quarter of the time.
struct NameLists: ~Copyable {
  /// The bytes, which outlive this, and what they say.
  private struct Entry {
    let bytes: UnsafeRawBufferPointer
    let names: [Node]
  }

  private static let places = 128
  private let entries: UnsafeMutablePointer<Entry?>

  init() {
    entries = .allocate(capacity: Self.places)
    entries.initialize(repeating: nil, count: Self.places)
  }

  deinit {
    entries.deinitialize(count: Self.places)
    entries.deallocate()
  }

  /// Whether the nodes of a field know no place in the text, and so are the same wherever the same is said.
  @inline(__always)
  static func holds(_ field: Field) -> Bool {
    switch field {
    case .fields, .name, .names, .funcname: true
    default: false
    }
  }

  @inline(__always)
  subscript(_ bytes: UnsafeRawBufferPointer) -> [Node]? {
    guard let entry = entries[place(of: bytes)], entry.bytes.count == bytes.count, let ours = entry.bytes.baseAddress,
      let theirs = bytes.baseAddress, memcmp(ours, theirs, bytes.count) == 0
    else { return nil }
    return entry.names
  }

  @inline(__always)
  mutating func remember(_ names: [Node], as bytes: UnsafeRawBufferPointer) {
    entries[place(of: bytes)] = Entry(bytes: bytes, names: names)
  }

  private func place(of bytes: UnsafeRawBufferPointer) -> Int {
    var hash = UInt64(truncatingIfNeeded: bytes.count)
    var offset = 0
    while offset &+ 8 <= bytes.count {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
      offset &+= 8
    }
    while offset < bytes.count {
      hash = (hash ^ UInt64(bytes[offset])) &* 0x9e37_79b9_7f4a_7c15
      offset &+= 1
    }
    return Int(truncatingIfNeeded: hash >> 57)
  }
}
