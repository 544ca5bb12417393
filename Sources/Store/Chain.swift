// What binds each audit record to all in front of it.

import Cryptography

/// How far a chain has come: `1042:9f86d0…`, to be kept where nobody can change it.
package struct ChainHead: Sendable, Equatable {
  /// Of the last record, from 1; 0 when there is none.
  package var number: Int64
  /// 32 bytes.
  package var link: [UInt8]

  package init(number: Int64, link: [UInt8]) {
    self.number = number
    self.link = link
  }

  /// - Parameter text: as `text` writes it.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(parts[0]), number >= 0, let link = bytes(hexadecimal: parts[1]),
      link.count == Chain.width
    else { return nil }
    self.init(number: number, link: link)
  }

  package var text: String { "\(number):\(hexadecimal(link))" }
}

/// Links are SHA-256 over what stands in front of a record, its number and itself; with a key, HMAC-SHA-256, which nobody
/// makes who does not have it. The idea is Haber and Stornetta's, "How to Time-Stamp a Digital Document" (1991).
package struct Chain: Sendable {
  /// Bytes of a link.
  static let width = 32

  /// Made at random with the store, so that no record fits into another one.
  let store: [UInt8]
  private let key: [UInt8]?

  package init(store: [UInt8], key: [UInt8]? = nil) {
    self.store = store
    self.key = key
  }

  /// In front of the first record.
  package var origin: ChainHead { ChainHead(number: 0, link: digest(Array("pgadvisor audit 1\0".utf8) + store)) }

  /// The head behind `record`.
  package func next(after head: ChainHead, _ record: [UInt8]) -> ChainHead {
    let number = head.number + 1
    return ChainHead(number: number, link: digest(head.link + Self.bytes(number) + record))
  }

  /// Says of a head, and of where retention has cut, that the store itself put them down.
  func seal(_ head: ChainHead, retired: ChainHead) -> [UInt8] {
    digest(
      Array("head\0".utf8) + Self.bytes(head.number) + head.link + Self.bytes(retired.number) + retired.link)
  }

  /// With the key, where there is one.
  func digest(_ bytes: [UInt8]) -> [UInt8] {
    guard let key else { return sha256(bytes) }
    return hmacSHA256(bytes, key: key)
  }

  static func bytes(_ number: Int64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
  }
}

func bytes(hexadecimal text: Substring) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  for place in stride(from: 0, to: digits.count, by: 2) {
    guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16),
      digits[place] != UInt8(ascii: "+")
    else { return nil }
    bytes.append(byte)
  }
  return bytes
}
