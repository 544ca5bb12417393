// What a client and we remember of each other: the legacy handshake, what runs, and what we have asked.

internal import JSON
internal import Synchronization

/// One client's conversation: a stdio process, a legacy HTTP session, an SSE pair. Modern requests over HTTP have none.
package final class Conversation: Sendable {
  /// Unguessable; over HTTP it is the session's id.
  package let id: String
  /// Over HTTP: what it has said, for a client that lost a stream.
  let streams = SessionStreams()
  private let state = Mutex(State())

  /// What a legacy handshake has settled.
  struct Agreement: Sendable, Equatable {
    var version: ProtocolVersion
    var capabilities: JSONObject
    var client: String?
  }

  private enum Running {
    /// Has arrived, in its place among the other messages, and was not begun yet.
    case expected
    case cancelledBefore
    case reserved
    case running(cancel: @Sendable () -> Void)
    case cancelled
  }

  private enum Question {
    case open
    case awaited(CheckedContinuation<ClientAnswer?, Never>)
    /// Nil: nobody will answer any more.
    case settled(ClientAnswer?)
  }

  private struct State {
    var agreement: Agreement?
    var logLevel = LogLevel.info
    var subscribed: Set<String> = []
    var running: [RequestID: Running] = [:]
    var questions: [Int64: Question] = [:]
    var lastQuestion: Int64 = 0
    /// Cancelled when the conversation ends.
    var stream: Task<Void, Never>?
    var hasStream = false
    var isEnded = false
  }

  package init() { id = unguessableName(digits: 26) }

  /// The version agreed on; nil before a legacy handshake.
  package var version: ProtocolVersion? { agreement?.version }

  var agreement: Agreement? { state.withLock { $0.agreement } }

  /// Runs a request, or holds its stream open.
  package var isBusy: Bool { state.withLock { $0.hasStream || !$0.running.isEmpty } }

  package var runningCount: Int { state.withLock { $0.running.count } }

  /// Ends its stream, and lets nothing new begin; what runs goes on to its end.
  func retire() {
    let stream = state.withLock { state in
      state.isEnded = true
      return state.stream
    }
    stream?.cancel()
  }

  /// Cancels everything that runs, and lets nothing new begin.
  package func end() {
    let (ids, stream) = state.withLock { state in
      state.isEnded = true
      return (Array(state.running.keys), state.stream)
    }
    // Whoever waits for a client's answer does so in a request, and stops waiting with it.
    for id in ids { cancel(id) }
    stream?.cancel()
    streams.end()
  }
}

// MARK: - The handshake and what it allows

extension Conversation {
  /// A second handshake begins anew.
  func agree(_ agreement: Agreement) {
    state.withLock { state in
      state.agreement = agreement
      state.logLevel = .info
      state.subscribed = []
    }
  }

  var logLevel: LogLevel {
    get { state.withLock { $0.logLevel } }
    set { state.withLock { $0.logLevel = newValue } }
  }

  /// - Returns: false when there are too many already.
  func subscribe(to uri: String, limit: Int) -> Bool {
    state.withLock { state in
      guard state.subscribed.count < limit || state.subscribed.contains(uri) else { return false }
      state.subscribed.insert(uri)
      return true
    }
  }

  func unsubscribe(from uri: String) {
    state.withLock { state in
      state.subscribed.remove(uri)
      return
    }
  }

  /// Legacy clients hear of list changes unasked, and of resources they have subscribed to.
  func wants(_ change: Change) -> Bool {
    state.withLock { state in
      guard state.agreement != nil else { return false }
      return if case .resource(let uri) = change { state.subscribed.contains(uri) } else { true }
    }
  }

  /// Runs the conversation's one stream until its task is cancelled or the conversation ends.
  /// - Returns: false at once when there is one already, or the conversation has ended.
  func stream(_ body: @escaping @Sendable () async -> Void) async -> Bool {
    let isFree = state.withLock { state in
      guard !state.hasStream, !state.isEnded else { return false }
      state.hasStream = true
      return true
    }
    guard isFree else { return false }
    let task = Task { await body() }
    state.withLock { state in
      state.stream = task
      if state.isEnded { task.cancel() }
    }
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    state.withLock { state in
      state.stream = nil
      state.hasStream = false
    }
    return true
  }
}

// MARK: - What runs

extension Conversation {
  enum Run<Value: Sendable> {
    case finished(Value)
    case cancelled
    case refused(ProtocolError)
  }

  /// For transports that read messages faster than tasks begin: what comes later can already cancel this one.
  package func expect(_ message: OpenedMessage) {
    state.withLock { state in
      for id in message.requestIDs where state.running[id] == nil { state.running[id] = .expected }
    }
  }

  /// Runs a request so that `cancel` reaches it.
  func run<Value: Sendable>(
    _ id: RequestID, limit: Int, _ body: @escaping @Sendable () async -> Value
  ) async -> Run<Value> {
    switch reserve(id, limit: limit) {
    case .free: break
    case .cancelled: return .cancelled
    case .refused(let error): return .refused(error)
    }
    let task = Task { await body() }
    let isCancelled = state.withLock { state in
      guard case .reserved = state.running[id] else { return true }
      state.running[id] = .running(cancel: { task.cancel() })
      return false
    }
    if isCancelled { task.cancel() }
    let value = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
    let wasCancelled = state.withLock { state in
      if case .cancelled = state.running.removeValue(forKey: id) { true } else { false }
    }
    return wasCancelled || Task.isCancelled ? .cancelled : .finished(value)
  }

  private enum Place {
    case free
    case cancelled
    case refused(ProtocolError)
  }

  private func reserve(_ id: RequestID, limit: Int) -> Place {
    state.withLock { state in
      switch state.running[id] {
      case nil, .expected: break
      case .cancelledBefore:
        state.running[id] = nil
        return .cancelled
      case .reserved, .running, .cancelled:
        return .refused(ProtocolError(.invalidRequest, "Invalid request: a request with this id is running"))
      }
      state.running[id] = nil
      guard !state.isEnded else {
        return .refused(ProtocolError(.invalidRequest, "Invalid request: the session has ended"))
      }
      guard state.running.count < limit else {
        return .refused(ProtocolError(.internal, "Too many requests at the same time: \(limit) are running"))
      }
      state.running[id] = .reserved
      return .free
    }
  }

  /// An id that nothing runs under is ignored, as the protocol wants it.
  func cancel(_ id: RequestID) {
    let running = state.withLock { state -> Running? in
      let known = state.running[id]
      switch known {
      case nil, .cancelledBefore, .cancelled: break
      case .expected: state.running[id] = .cancelledBefore
      case .reserved, .running: state.running[id] = .cancelled
      }
      return known
    }
    if case .running(let cancel) = running { cancel() }
  }
}

// MARK: - What we ask (legacy)

extension Conversation {
  /// Sends a request of ours and waits for the client's answer.
  /// - Parameter send: is given the number that goes into the request's id.
  /// - Returns: nil when the client did not answer in time, the task was cancelled, or the conversation has ended.
  func ask(patience: Duration, _ send: (_ number: Int64) async -> Void) async -> ClientAnswer? {
    let number = state.withLock { state -> Int64? in
      guard !state.isEnded else { return nil }
      state.lastQuestion += 1
      state.questions[state.lastQuestion] = .open
      return state.lastQuestion
    }
    guard let number else { return nil }
    await send(number)
    let clock = Task { [weak self] in
      do { try await sleepShortly(for: patience) } catch { return }
      self?.settle(number, with: nil)
    }
    defer { clock.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in hold(continuation, number) }
    } onCancel: {
      settle(number, with: nil)
    }
  }

  private func hold(_ continuation: CheckedContinuation<ClientAnswer?, Never>, _ number: Int64) {
    let isWaiting = state.withLock { state -> (Bool, ClientAnswer?) in
      if case .settled(let answer) = state.questions[number] {
        state.questions[number] = nil
        return (false, answer)
      }
      state.questions[number] = .awaited(continuation)
      return (true, nil)
    }
    if !isWaiting.0 { continuation.resume(returning: isWaiting.1) }
  }

  /// Takes a client's answer; one that nobody waits for is ignored.
  func settle(_ answer: ClientAnswer) {
    if case .integer(let number) = answer.id { settle(number, with: answer) }
  }

  private func settle(_ number: Int64, with answer: ClientAnswer?) {
    let continuation = state.withLock { state -> CheckedContinuation<ClientAnswer?, Never>? in
      switch state.questions[number] {
      case .open: state.questions[number] = .settled(answer)
      case .awaited(let continuation):
        state.questions[number] = nil
        return continuation
      case .settled, nil: break
      }
      return nil
    }
    continuation?.resume(returning: answer)
  }
}
