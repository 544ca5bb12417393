// The event streams of one legacy session, by number, so that a client that lost one can come back to it.

internal import Synchronization

/// What `Last-Event-ID` names: a stream and the last event of it that has arrived.
struct EventID: Equatable {
  var stream: Int
  var number: Int

  init?(_ text: String) {
    let parts = text.split(separator: "_", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let stream = parts[0], let number = parts[1], stream >= 0, number >= 0 else { return nil }
    self.stream = stream
    self.number = number
  }
}

/// Stream 0 tells what concerns no request; each answer that turned into a stream has its own.
final class SessionStreams: Sendable {
  private struct State {
    var logs: [Int: EventLog] = [:]
    /// Of those in `logs`, oldest first.
    var order: [Int] = []
    var last = 0
    var announcing: Task<Void, Never>?
    var isEnded = false
  }

  private let state = Mutex(State())
  /// Streams that a client may come back to.
  private static let kept = 32

  /// A stream for one answer. The oldest finished one is forgotten when there are many.
  func open(_ budget: EventBudget, frames: Int) -> EventLog {
    let (log, forgotten) = state.withLock { state -> (EventLog, EventLog?) in
      state.last += 1
      let log = EventLog(keeping: .init(stream: state.last, budget: budget, frames: frames))
      state.logs[state.last] = log
      state.order.append(state.last)
      guard state.order.count > Self.kept,
        let place = state.order.firstIndex(where: { state.logs[$0]?.isFinished ?? true })
      else { return (log, nil) }
      return (log, state.logs.removeValue(forKey: state.order.remove(at: place)))
    }
    withExtendedLifetime(forgotten) {}
    return log
  }

  func log(_ stream: Int) -> EventLog? { state.withLock { $0.logs[stream] } }

  /// The stream of what concerns no request, begun when the client first asks for it.
  /// - Parameter announce: runs for as long as the session does.
  func announcements(
    _ budget: EventBudget, frames: Int, _ announce: @escaping @Sendable (EventLog) async -> Void
  ) -> EventLog {
    state.withLock { state in
      if let log = state.logs[0] { return log }
      let log = EventLog(keeping: .init(stream: 0, budget: budget, frames: frames))
      state.logs[0] = log
      if state.isEnded {
        log.finish()
      } else {
        state.announcing = Task {
          await announce(log)
          log.finish()
        }
      }
      return log
    }
  }

  /// A client that has not come back for its announcements does not want them.
  func forgetAnnouncements(unreadFor absence: Duration) {
    let task = state.withLock { state -> Task<Void, Never>? in
      guard let log = state.logs[0], log.isAbandoned(for: absence) else { return nil }
      state.logs[0] = nil
      defer { state.announcing = nil }
      return state.announcing
    }
    task?.cancel()
  }

  func end() {
    let (task, logs) = state.withLock { state in
      state.isEnded = true
      defer {
        state.announcing = nil
        state.logs = [:]
        state.order = []
      }
      return (state.announcing, Array(state.logs.values))
    }
    task?.cancel()
    for log in logs { log.finish() }
  }
}
