// A connection whose client was refused and is still sending: closed at once, the system would take the answer back.

struct LingeringConnection: Sendable {
  /// In the ids of such connections, and of no other.
  static let mark: UInt64 = 1 << 63

  let descriptor: Int32
  let deadline = ContinuousClock.now + HTTPServerLimits.lingering
  private var left = HTTPServerLimits.discarded

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Throws away what has come. False: there is no more, or it is enough.
  mutating func discard() -> Bool {
    let chunk = 64 << 10
    var buffer = [UInt8](repeating: 0, count: chunk)
    // Not all at once: others wait, too.
    for _ in 0..<8 where left > 0 {
      switch receiveNow(&buffer, from: descriptor) {
      case .bytes(let count): left -= count
      case .nothingYet: return true
      case .end: return false
      }
    }
    return left > 0
  }
}
