// A message that is too large to be held: bytes, and rows that stand elsewhere, in order.

internal import Governance
internal import JSON
internal import Synchronization

/// One message, piece by piece. It holds what it is made of for as long as it lives.
package struct Segments: Sendable, Equatable {
  enum Part: Sendable, Equatable {
    case bytes([UInt8])
    case rows(SpooledPage)

    var byteCount: Int {
      switch self {
      case .bytes(let bytes): bytes.count
      case .rows(let page): page.byteCount
      }
    }
  }

  private(set) var parts: [Part] = []

  init(_ parts: [Part] = []) { self.parts = parts }

  /// Of the whole message: for `Content-Length`.
  package var byteCount: Int { parts.reduce(0) { $0 + $1.byteCount } }

  /// Of it in memory.
  var heldBytes: Int {
    parts.reduce(0) { sum, part in if case .bytes(let bytes) = part { sum + bytes.count } else { sum } }
  }

  /// The message in pieces of at most 64 KiB, each made when it is asked for. Ends early, before `byteCount` bytes, if rows
  /// cannot be read back.
  package func pieces() -> AsyncStream<[UInt8]> {
    let reader = SegmentReader(self)
    return AsyncStream { reader.next() }
  }

  /// As one answer.
  var reply: Reply {
    let holds = parts.compactMap { part in if case .bytes(let bytes) = part { bytes } else { nil } }
    return holds.count == parts.count ? .answer(Array(holds.joined()), status: 200) : .large(self, status: 200)
  }

  mutating func append(_ more: Segments) { parts += more.parts }

  mutating func append(_ bytes: [UInt8]) { parts.append(.bytes(bytes)) }
}

/// Where a reader of segments is.
final class SegmentReader: Sendable {
  private struct Place {
    var part = 0
    var offset = 0
  }

  private let segments: Segments
  private let place = Mutex(Place())
  private static let piece = 65_536

  init(_ segments: Segments) { self.segments = segments }

  /// nil at the end, and when rows cannot be read back.
  func next() -> [UInt8]? {
    place.withLock { place in
      while place.part < segments.parts.count {
        let found = Self.some(of: segments.parts[place.part], from: place.offset)
        guard let found else {
          place.part = segments.parts.count
          return nil
        }
        guard found.isEmpty else {
          place.offset += found.count
          return found
        }
        place = Place(part: place.part + 1)
      }
      return nil
    }
  }

  private static func some(of part: Segments.Part, from offset: Int) -> [UInt8]? {
    switch part {
    case .bytes(let bytes): return Array(bytes.dropFirst(offset).prefix(piece))
    case .rows(let page):
      do throws(GovernedFailure) {
        let found = try page.bytes(from: offset, atMost: piece)
        return found.isEmpty && offset < page.byteCount ? nil : found
      } catch {
        return nil
      }
    }
  }
}

/// A finished result, with the rows that do not stand in it.
struct Answered: Sendable {
  var result: JSONObject
  /// The text that stands where they belong, and the rows.
  var rows: (placeholder: String, page: SpooledPage)?

  init(_ result: JSONObject, rows: (placeholder: String, page: SpooledPage)? = nil) {
    self.result = result
    self.rows = rows
  }

  /// The standard library's search for one collection in another took an eighth of a call.
  private static func place(of wanted: [UInt8], in bytes: [UInt8]) -> Int? {
    var start = bytes.startIndex
    while bytes.count - start >= wanted.count, let next = bytes[start...].firstIndex(of: wanted[0]) {
      if bytes[next...].starts(with: wanted) { return next }
      start = next + 1
    }
    return nil
  }

  /// Rows up to here are put into the answer's own bytes.
  private static let small = 65_536

  func reply(to id: RequestID) -> Reply {
    let message = Outgoing.result(result, to: id)
    guard let rows else { return Reply(message) }
    let bytes = JSONValue.object(message).bytes()
    let placeholder = Array("\"\(rows.placeholder)\"".utf8)
    guard let place = Self.place(of: placeholder, in: bytes) else { return Reply(message) }
    let before = bytes[..<place] + [UInt8(ascii: "[")]
    let after = [UInt8(ascii: "]")] + bytes[(place + placeholder.count)...]
    let segments = Segments([.bytes(Array(before)), .rows(rows.page), .bytes(Array(after))])
    guard rows.page.byteCount <= Self.small else { return .large(segments, status: 200) }
    var whole: [UInt8] = []
    let reader = SegmentReader(segments)
    while let piece = reader.next() { whole += piece }
    guard whole.count == segments.byteCount else {
      return Reply(ProtocolError(.internal, "The rows cannot be read back").response(to: id))
    }
    return .answer(whole, status: 200)
  }
}
