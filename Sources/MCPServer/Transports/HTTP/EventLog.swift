// One stream of server-sent events: what was said, who reads it, and what is kept for a reader who comes back.

internal import Synchronization

/// How much is kept for readers who may come back, in all streams of the process together.
final class EventBudget: Sendable {
  private let limit: Int
  private let used = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  var usedBytes: Int { used.load(ordering: .relaxed) }
  var isOver: Bool { usedBytes > limit }

  func take(_ count: Int) { used.add(count, ordering: .relaxed) }
  func give(_ count: Int) { used.subtract(count, ordering: .relaxed) }
}

/// Frames of one stream in their order. One reader at a time takes them; whoever writes waits while the reader is behind.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html
final class EventLog: Sendable {
  /// For legacy sessions, whose readers may come back.
  struct Keeping: Sendable {
    /// Of the stream, unique in its session; the ids of its events begin with it.
    var stream: Int
    var budget: EventBudget
    /// Frames kept at most.
    var frames: Int
  }

  private struct State {
    /// Those not trimmed yet, without gaps.
    var frames: [Segments] = []
    /// The number of the first of them.
    var first = 1
    /// The number of the frame that the reader has taken last.
    var taken = 0
    var unreadBytes = 0
    var reader: UInt64?
    var lastReader: UInt64 = 0
    var lastTaken = ContinuousClock.now
    var waitingReader: CheckedContinuation<Segments?, Never>?
    var waitingWriters: [CheckedContinuation<Void, Never>] = []
    var isFinished = false
  }

  private let state = Mutex(State())
  private let keeping: Keeping?
  /// Unread bytes beyond which writers wait.
  private let backlog: Int

  init(keeping: Keeping? = nil, backlog: Int = 65_536) {
    self.keeping = keeping
    self.backlog = backlog
  }

  deinit {
    let kept = state.withLock { $0.frames.reduce(0) { $0 + $1.heldBytes } }
    keeping?.budget.give(kept)
  }

  var isFinished: Bool { state.withLock { $0.isFinished } }
  var hasReader: Bool { state.withLock { $0.reader != nil } }

  /// Whether nobody has read for this long.
  func isAbandoned(for absence: Duration) -> Bool {
    state.withLock { $0.reader == nil && .now - $0.lastTaken > absence }
  }

  /// Of the frame that was added last; 0: none.
  var lastNumber: Int { state.withLock { $0.first + $0.frames.count - 1 } }

  /// Whether everything after this event can still be read.
  func keeps(after number: Int) -> Bool {
    state.withLock { number >= $0.first - 1 && number < $0.first + $0.frames.count }
  }
}

// MARK: - Writing

extension EventLog {
  /// Adds a message; returns when the reader is not far behind, or there is none.
  func append(_ message: [UInt8]) async { await append(Segments([.bytes(message)])) }

  func append(_ message: Segments) async {
    add(message, isLast: false)
    await withTaskCancellationHandler {
      while !Task.isCancelled, isBehind { await waitForRoom() }
    } onCancel: {
      wakeWriters()
    }
  }

  /// Adds the last message, if there is one, and ends the stream.
  func finish(_ message: Segments? = nil) {
    if let message {
      add(message, isLast: true)
    } else {
      let reader = state.withLock { state in
        state.isFinished = true
        return Self.reader(&state)
      }
      reader?.resume(returning: nil)
    }
    wakeWriters()
  }

  private func add(_ message: Segments, isLast: Bool) {
    let handed = state.withLock { state -> (CheckedContinuation<Segments?, Never>, Segments)? in
      guard !state.isFinished else { return nil }
      state.isFinished = isLast
      // Nobody reads any more, and nobody may come back.
      if keeping == nil, state.reader == nil, state.lastReader != 0 { return nil }
      let frame = Self.frame(message, id: id(state.first + state.frames.count))
      state.frames.append(frame)
      state.unreadBytes += frame.heldBytes
      keeping?.budget.take(frame.heldBytes)
      let next = state.waitingReader == nil ? nil : takeNext(&state)
      trim(&state)
      guard let next, let reader = Self.reader(&state) else { return nil }
      return (reader, next)
    }
    handed.map { $0.resume(returning: $1) }
  }

  private func waitForRoom() async {
    await withCheckedContinuation { continuation in
      let mayGoOn = state.withLock { state in
        guard isBehind(&state), !Task.isCancelled else { return true }
        state.waitingWriters.append(continuation)
        return false
      }
      if mayGoOn { continuation.resume() }
    }
  }

  private var isBehind: Bool { state.withLock { isBehind(&$0) } }

  private func isBehind(_ state: inout State) -> Bool {
    state.reader != nil && !state.isFinished && state.unreadBytes > backlog
  }

  private func wakeWriters() {
    let writers = state.withLock { state in
      defer { state.waitingWriters = [] }
      return state.waitingWriters
    }
    for writer in writers { writer.resume() }
  }

  /// Oldest first: what was read, and what nobody is there to read.
  private func trim(_ state: inout State) {
    func mayGo() -> Bool { !state.frames.isEmpty && (state.first <= state.taken || state.reader == nil) }
    while mayGo(), keeping.map({ state.frames.count > $0.frames || $0.budget.isOver }) ?? (state.first <= state.taken) {
      let gone = state.frames.removeFirst().heldBytes
      if state.first > state.taken { state.unreadBytes -= gone }
      keeping?.budget.give(gone)
      state.first += 1
    }
  }
}

// MARK: - Reading

extension EventLog {
  /// Makes somebody the one who reads; whoever read before reads no more.
  /// - Parameter number: the last event that the reader has seen; 0: all.
  /// - Returns: nil when what comes after that is not kept any more.
  func attach(after number: Int = 0) -> UInt64? {
    let (reader, previous) = state.withLock { state -> (UInt64?, CheckedContinuation<Segments?, Never>?) in
      guard number >= state.first - 1, number < state.first + state.frames.count else { return (nil, nil) }
      state.lastReader += 1
      state.reader = state.lastReader
      state.taken = number
      state.lastTaken = .now
      state.unreadBytes = state.frames.dropFirst(number + 1 - state.first).reduce(0) { $0 + $1.heldBytes }
      return (state.lastReader, Self.reader(&state))
    }
    previous?.resume(returning: nil)
    return reader
  }

  /// The reader has gone.
  func detach(_ reader: UInt64) {
    let waiting = state.withLock { state -> CheckedContinuation<Segments?, Never>? in
      guard state.reader == reader else { return nil }
      state.reader = nil
      state.lastTaken = .now
      if keeping == nil { state.frames = [] }
      return Self.reader(&state)
    }
    waiting?.resume(returning: nil)
    wakeWriters()
  }

  /// The next frame; nil at the end, and when this is not the reader any more.
  func next(for reader: UInt64) async -> Segments? {
    let frame = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Segments?, Never>) in
        let now = state.withLock { state -> Segments?? in
          guard state.reader == reader, !Task.isCancelled else { return .some(nil) }
          if let next = takeNext(&state) {
            trim(&state)
            return .some(next)
          }
          if state.isFinished { return .some(nil) }
          state.waitingReader = continuation
          return nil
        }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      detach(reader)
    }
    if frame != nil { wakeWriters() }
    return frame
  }

  private func takeNext(_ state: inout State) -> Segments? {
    let place = state.taken + 1 - state.first
    guard state.frames.indices.contains(place) else { return nil }
    state.taken += 1
    state.lastTaken = .now
    state.unreadBytes -= state.frames[place].heldBytes
    return state.frames[place]
  }

  /// Takes the waiting reader out, to be resumed outside the lock.
  private static func reader(_ state: inout State) -> CheckedContinuation<Segments?, Never>? {
    defer { state.waitingReader = nil }
    return state.waitingReader
  }

  /// Gives a reader that has waited for this long a comment: it shows both sides that the other is there.
  func ping(ifSilentFor silence: Duration) {
    let reader = state.withLock { state -> CheckedContinuation<Segments?, Never>? in
      guard .now - state.lastTaken >= silence else { return nil }
      state.lastTaken = .now
      return Self.reader(&state)
    }
    reader?.resume(returning: Self.comment)
  }
}

// MARK: - Frames

extension EventLog {
  static let comment = Segments([.bytes(Array(": ping\r\n\r\n".utf8))])

  /// Where nobody can come back, events have no ids.
  private func id(_ number: Int) -> String? {
    keeping.flatMap { $0.frames > 0 ? "\($0.stream)_\(number)" : nil }
  }

  private static func frame(_ message: Segments, id: String?) -> Segments {
    let head = Array("\(id.map { "id: \($0)\r\n" } ?? "")event: message\r\ndata: ".utf8)
    let end: [UInt8] = [13, 10, 13, 10]
    if case .bytes(let bytes)? = message.parts.first, message.parts.count == 1 {
      return Segments([.bytes(head + bytes + end)])
    }
    return Segments([.bytes(head)] + message.parts + [.bytes(end)])
  }

  /// What a stream begins with so that its reader can come back even if nothing else arrives.
  func priming(after number: Int) -> [UInt8] {
    Array("id: \(id(number) ?? "0")\r\ndata: \r\nretry: 500\r\n\r\n".utf8)
  }
}
