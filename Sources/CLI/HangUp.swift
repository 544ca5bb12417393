// SIGHUP for a command that makes something of it; for all others it is a reason to stop.

import Synchronization

/// Whether somebody waits for SIGHUP, and that one's way to hear of it.
final class HangUp: Sendable {
  private let listener = Mutex<AsyncStream<Void>.Continuation?>(nil)

  /// From now on SIGHUP ends nothing. Signals that come while one is being dealt with are one.
  func taken() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    listener.withLock { $0 = continuation }
    return stream
  }

  /// - Returns: false when nobody has taken it.
  func raise() -> Bool {
    guard let listener = listener.withLock({ $0 }) else { return false }
    listener.yield()
    return true
  }
}
