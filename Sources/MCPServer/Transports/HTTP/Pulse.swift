// One clock for everything over HTTP that waits: a sleeping task for each of a thousand streams would be a thousand.

internal import Synchronization

/// Calls back when something has waited for long enough; looks twice a second while anything waits.
final class Pulse: Sendable {
  private struct Entry {
    var next: ContinuousClock.Instant
    var interval: Duration
    var beat: @Sendable () -> Void
  }

  private struct State {
    var entries: [UInt64: Entry] = [:]
    var last: UInt64 = 0
    var isTicking = false
  }

  private let state = Mutex(State())
  private let step: Duration

  init(step: Duration = .milliseconds(500)) { self.step = step }

  /// Calls `beat` after each interval, up to a step late, until the number is removed.
  func add(every interval: Duration, _ beat: @escaping @Sendable () -> Void) -> UInt64 {
    let (number, begins) = state.withLock { state in
      state.last += 1
      state.entries[state.last] = Entry(next: .now + interval, interval: interval, beat: beat)
      defer { state.isTicking = true }
      return (state.last, !state.isTicking)
    }
    if begins { tick() }
    return number
  }

  func remove(_ number: UInt64) {
    // What the entry holds may end with it, and must not do so under the lock.
    withExtendedLifetime(state.withLock { $0.entries.removeValue(forKey: number) }) {}
  }

  private func tick() {
    Task { [weak self, step] in
      repeat { try? await Task.sleep(for: step) } while self?.callBack() ?? false
    }
  }

  /// - Returns: false when nothing waits any more.
  private func callBack() -> Bool {
    let due = state.withLock { state -> [@Sendable () -> Void]? in
      guard !state.entries.isEmpty else {
        state.isTicking = false
        return nil
      }
      let now = ContinuousClock.now
      var due: [@Sendable () -> Void] = []
      for (number, entry) in state.entries where entry.next <= now {
        state.entries[number]?.next = now + entry.interval
        due.append(entry.beat)
      }
      return due
    }
    guard let due else { return false }
    for beat in due { beat() }
    return true
  }
}
