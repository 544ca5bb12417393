// Lets one exchange after the other use a connection: an actor alone would let them in again at every `await`.

/// First come, first served. Lives inside one actor.
struct Turnstile {
  private var isTaken = false
  private var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
  private var lastTicket: UInt64 = 0

  /// True when the turn is taken at once.
  mutating func enter() -> Bool {
    if isTaken { return false }
    isTaken = true
    return true
  }

  mutating func ticket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  mutating func wait(_ ticket: UInt64, _ continuation: CheckedContinuation<Bool, Never>) {
    waiting.append((ticket, continuation))
  }

  /// Hands the turn to the first who waits.
  mutating func leave() {
    if waiting.isEmpty {
      isTaken = false
    } else {
      waiting.removeFirst().continuation.resume(returning: true)
    }
  }

  /// Sends away one who waits.
  mutating func giveUp(_ ticket: UInt64) {
    guard let position = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
    waiting.remove(at: position).continuation.resume(returning: false)
  }
}
