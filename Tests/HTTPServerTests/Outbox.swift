// Events for one client: putting one in never waits, and what a slow client leaves there is bounded.

import Synchronization

/// The source of a stream of events. Whoever has something to say puts it in, from anywhere; the server takes out all that
/// waits at once. A client that falls too far behind loses its stream.
package final class Outbox: Sendable {
  private typealias Taker = CheckedContinuation<[UInt8]?, Never>

  private struct State {
    var waiting: [UInt8] = []
    var isOver = false
    var taker: Taker?
  }

  private let state = Mutex(State())
  private let limit: Int
  private let whenOver: @Sendable () -> Void

  /// - Parameters:
  ///   - limit: how many bytes may wait.
  ///   - whenOver: called once, when the stream is over for whatever reason, on the thread that ends it.
  package init(limit: Int, whenOver: @escaping @Sendable () -> Void = {}) {
    self.limit = limit
    self.whenOver = whenOver
  }

  /// False: the stream is over, or it is now, since the client has not taken what was put in before. Nothing more needs to
  /// be put in.
  @discardableResult
  package func put(_ event: [UInt8]) -> Bool {
    enum Outcome { case kept, over, tooMuch, taken(Taker) }
    let outcome = state.withLock { state -> Outcome in
      if state.isOver { return .over }
      if event.isEmpty { return .kept }
      if let taker = state.taker {
        state.taker = nil
        return .taken(taker)
      }
      if state.waiting.count + event.count > limit { return .tooMuch }
      state.waiting += event
      return .kept
    }
    switch outcome {
    case .kept: return true
    case .over: return false
    case .tooMuch:
      end(discarding: true)
      return false
    case .taken(let taker):
      taker.resume(returning: event)
      return true
    }
  }

  /// No more events; those that wait still go out.
  package func finish() { end(discarding: false) }

  /// Whether nothing can be put in any more.
  package var isOver: Bool { state.withLock { $0.isOver } }

  /// For one `Answer.streamed`.
  package var pieces: AsyncStream<[UInt8]> {
    AsyncStream(unfolding: { [self] in await next() }, onCancel: { [self] in end(discarding: true) })
  }

  private func end(discarding: Bool) {
    let (isFirst, taker) = state.withLock { state in
      if discarding { state.waiting = [] }
      defer { (state.isOver, state.taker) = (true, nil) }
      return (!state.isOver, state.taker)
    }
    taker?.resume(returning: nil)
    if isFirst { whenOver() }
  }

  /// For one at a time; of two the first gets nothing.
  private func next() async -> [UInt8]? {
    await withCheckedContinuation { (continuation: Taker) in
      enum Outcome { case piece([UInt8]), over, parked(Taker?) }
      let outcome = state.withLock { state -> Outcome in
        if !state.waiting.isEmpty {
          defer { state.waiting = [] }
          return .piece(state.waiting)
        }
        if state.isOver { return .over }
        defer { state.taker = continuation }
        return .parked(state.taker)
      }
      switch outcome {
      case .piece(let piece): continuation.resume(returning: piece)
      case .over: continuation.resume(returning: nil)
      case .parked(let other): other?.resume(returning: nil)
      }
    }
  }
}
