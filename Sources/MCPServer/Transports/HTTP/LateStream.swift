// The answer to one POST before it is known what it will be: one JSON body, or a stream of events.

internal import Synchronization

/// Becomes a stream with the first message that must not wait, or when the answer has taken long; otherwise the answer is
/// one body.
final class LateStream: Sendable {
  enum Decision: Sendable {
    case whole(Reply)
    case stream(EventLog)
  }

  private enum State {
    case open(CheckedContinuation<Decision, Never>?)
    case decided
    case streaming(EventLog)
  }

  private struct Decided {
    var state = State.open(nil)
    /// Made before somebody waited for it.
    var early: Decision?
  }

  private let state = Mutex(Decided())
  private let makeLog: @Sendable () -> EventLog

  /// - Parameter makeLog: called when the answer becomes a stream.
  init(_ makeLog: @escaping @Sendable () -> EventLog) { self.makeLog = makeLog }

  /// One message before the answer.
  func send(_ message: [UInt8]) async {
    if let log = commit() { await log.append(message) }
  }

  /// Makes it a stream if it is nothing yet.
  /// - Returns: nil when the answer has gone out as a whole.
  @discardableResult func commit() -> EventLog? {
    let (log, decision) = state.withLock { decided -> (EventLog?, (CheckedContinuation<Decision, Never>, Decision)?) in
      switch decided.state {
      case .streaming(let log): return (log, nil)
      case .decided: return (nil, nil)
      case .open(let waiting):
        let log = makeLog()
        decided.state = .streaming(log)
        return (log, Self.deliver(.stream(log), to: waiting, &decided))
      }
    }
    decision.map { $0.resume(returning: $1) }
    return log
  }

  /// The answer.
  func finish(_ reply: Reply) {
    let (log, decision) = state.withLock { decided -> (EventLog?, (CheckedContinuation<Decision, Never>, Decision)?) in
      switch decided.state {
      case .streaming(let log): return (log, nil)
      case .decided: return (nil, nil)
      case .open(let waiting):
        decided.state = .decided
        return (nil, Self.deliver(.whole(reply), to: waiting, &decided))
      }
    }
    decision.map { $0.resume(returning: $1) }
    guard let log else { return }
    switch reply {
    case .answer(let bytes, _): log.finish(Segments([.bytes(bytes)]))
    case .large(let segments, _): log.finish(segments)
    case .accepted, .dropped: log.finish()
    }
  }

  private static func deliver(
    _ decision: Decision, to waiting: CheckedContinuation<Decision, Never>?, _ decided: inout Decided
  ) -> (CheckedContinuation<Decision, Never>, Decision)? {
    guard let waiting else {
      decided.early = decision
      return nil
    }
    return (waiting, decision)
  }

  /// What it has become. Waited for once.
  func decision() async -> Decision {
    await withCheckedContinuation { continuation in
      let early = state.withLock { decided -> Decision? in
        if let early = decided.early { return early }
        decided.state = .open(continuation)
        return nil
      }
      if let early { continuation.resume(returning: early) }
    }
  }
}
