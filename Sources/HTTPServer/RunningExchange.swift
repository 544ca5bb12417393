// One request from its headers to the end of its answer: between the library's thread, the handler's task and a client that
// may leave at any time.

internal import CMicroHTTPD
internal import Synchronization

/// All transitions are under one lock. A connection is suspended while nothing can be sent on it: the library leaves it alone
/// until it is resumed, and sees no client leave meanwhile, which is why the watcher looks.
///
/// What others wrote (a handler, the end of a stream, a continuation) is never called with the lock held.
final class RunningExchange: Sendable {
  private let state: Mutex<ExchangeState>
  private let isHead: Bool
  private let reception: Reception
  /// The library's connection: there until `end`, and whenever it is suspended.
  private let address: UInt

  init(_ request: Request, on connection: OpaquePointer, of reception: Reception) {
    state = Mutex(ExchangeState(request: request))
    isHead = request.method == "HEAD"
    self.reception = reception
    address = UInt(bitPattern: connection)
  }

  private var connection: OpaquePointer? { OpaquePointer(bitPattern: address) }

  // MARK: - The request

  /// On the library's thread. Nil: the bytes are kept.
  func append(_ bytes: UnsafeRawBufferPointer) -> Refusal? {
    let limits = reception.limits
    let refusal = state.withLock { state -> Refusal? in
      guard state.isReading else { return nil }
      guard state.reserved + bytes.count <= limits.body else { return .bodyTooLarge(limits.body) }
      guard reception.reserve(bytes.count) else { return .tooMuchAtOnce }
      state.reserved += bytes.count
      state.request?.body.append(contentsOf: bytes)
      return nil
    }
    if refusal != nil { reception.tally.count { $0.refusedByLimits += 1 } }
    return refusal
  }

  /// It has its answer, and its body is read for nobody.
  var isRefused: Bool {
    state.withLock { state in
      if case .answered = state.phase { return true }
      return false
    }
  }

  /// Answers without a handler, when the library asks for the answer.
  func refuse(_ response: Response) {
    state.withLock { state in
      state.phase = .answered(response)
      state.request = nil
      reception.giveBack(state.reserved)
      state.reserved = 0
    }
  }

  /// On the library's thread, whenever it wants an answer: starts the handler, or queues what it said.
  func proceed() -> MHD_Result {
    guard let connection else { return .NO }
    enum Step { case start, give(Response), open(Int, [Header]), leave }
    let step = state.withLock { state -> Step in
      switch state.phase {
      case .reading where reception.isStopping:
        state.phase = .sending
        return .give(Refusal.closing.response)
      case .reading:
        // First this: the handler may be done before its task is known here.
        MHD_suspend_connection(connection)
        state.isSuspended = true
        state.phase = .running
        return .start
      case .answered(let response):
        state.phase = .sending
        return .give(response)
      case .opened(let status, let headers):
        state.phase = .streaming
        return .open(status, headers)
      case .running, .sending, .streaming, .over: return .leave
      }
    }
    switch step {
    case .start:
      start()
      return .YES
    case .give(let response): return Self.queue(response, on: connection)
    case .open(let status, let headers) where isHead || [204, 205, 304].contains(status):
      // The library (0.9.75) would send the end of a body that must not be.
      stop()
      return Self.queue(Response(status: status, headers: headers), on: connection)
    case .open(let status, let headers):
      if let handle = ResponseHandle.streamed(headers, from: self), handle.queue(status, on: connection) == .YES {
        return .YES
      }
      stop()
      return Self.queue(Refusal.unsendable.response, on: connection)
    case .leave: return .NO
    }
  }

  static func queue(_ response: Response, on connection: OpaquePointer) -> MHD_Result {
    if let handle = ResponseHandle.whole(response), handle.queue(response.status, on: connection) == .YES {
      return .YES
    }
    return ResponseHandle.whole(Refusal.unsendable.response)?.queue(500, on: connection) ?? .NO
  }

  private func start() {
    reception.tally.count { $0.running += 1 }
    // Without the lock, which is the first thing the task wants.
    let task = Task { await run() }
    adopt(task, replacing: false)
  }

  /// Whoever ends the exchange cancels this task.
  private func adopt(_ task: Task<Void, Never>, replacing: Bool) {
    let isCancelled = state.withLock { state in
      if replacing || state.task == nil { state.task = task }
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  // MARK: - The handler

  private func run() async {
    let answer = await handle()
    reception.tally.count { $0.running -= 1 }
    switch answer {
    case .whole(let response): leave(in: .answered(response))
    case .streamed(let status, let headers, let pieces):
      reception.tally.count { $0.openStreams += 1 }
      // A task keeps the stack that its deepest call has needed. A stream may be open for days: it gets a task of its own.
      adopt(Task { await stream(pieces, status, headers) }, replacing: true)
    }
  }

  private func stream(_ pieces: AsyncStream<[UInt8]>, _ status: Int, _ headers: [Header]) async {
    defer { reception.tally.count { $0.openStreams -= 1 } }
    var iterator = pieces.makeAsyncIterator()
    if leave(in: .opened(status: status, headers: headers)) {
      while let piece = await iterator.next() {
        guard await put(piece) else { break }
      }
    }
    guard finish() else { return }
    // Nobody takes the rest: asked by a cancelled task, the stream tells whoever feeds it.
    withUnsafeCurrentTask { $0?.cancel() }
    _ = await iterator.next()
  }

  /// A stream may be open for days; its request is not kept for it.
  private func handle() async -> Answer {
    let request = state.withLock { state in
      defer { state.request = nil }
      return state.request
    }
    guard let request else { return .whole(Refusal.closing.response) }
    return await reception.handler(request)
  }

  /// False: nobody waits for it any more.
  @discardableResult
  private func leave(in phase: ExchangeState.Phase) -> Bool {
    state.withLock { state in
      guard case .running = state.phase, !state.isDeparted else { return false }
      state.phase = phase
      resume(&state)
      return true
    }
  }

  private func resume(_ state: inout ExchangeState) {
    guard state.isSuspended, let connection else { return }
    state.isSuspended = false
    MHD_resume_connection(connection)
  }

  // MARK: - The stream

  /// Returns when the piece is on its way. False: no more is taken.
  private func put(_ piece: [UInt8]) async -> Bool {
    if piece.isEmpty { return true }
    return await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        guard !state.isDeparted, !state.isFinished else { return false }
        state.piece = piece
        state.taken = 0
        state.putter = continuation
        resume(&state)
        return true
      }
      if !isOpen { continuation.resume(returning: false) }
    }
  }

  /// No more pieces come. True: not all of them could be sent.
  private func finish() -> Bool {
    state.withLock { state in
      state.task = nil
      let isCut = state.isFinished || state.isDeparted
      state.isFinished = true
      resume(&state)
      return isCut
    }
  }

  /// On the library's thread: how many bytes there are for the client, or that it has to wait, or that there are no more.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let (count, putter) = state.withLock { state -> (Int, CheckedContinuation<Bool, Never>?) in
      if state.isDeparted { return (MHD_end_with_error, nil) }
      let left = state.piece.count - state.taken
      if left > 0 {
        let count = min(left, buffer.count)
        buffer.copyBytes(from: state.piece[state.taken..<state.taken + count])
        state.taken += count
        guard count == left else { return (count, nil) }
        state.piece = []
        state.taken = 0
        defer { state.putter = nil }
        return (count, state.putter)
      }
      if state.isFinished || reception.isStopping {
        // Whoever leaves from here on has had everything.
        state.phase = .sending
        return (MHD_end_of_stream, nil)
      }
      guard let connection else { return (MHD_end_with_error, nil) }
      MHD_suspend_connection(connection)
      state.isSuspended = true
      return (0, nil)
    }
    putter?.resume(returning: true)
    return count
  }

  // MARK: - The end

  /// The client has gone away.
  func depart() {
    leaveEverybody { state in
      switch state.phase {
      case .running, .opened, .streaming:
        reception.tally.count { $0.departed += 1 }
        state.isDeparted = true
        resume(&state)
        return true
      case .reading, .answered, .sending, .over: return false
      }
    }
  }

  /// The server's time is up: an answer, if there is none yet, and an end in good order.
  func stop() {
    leaveEverybody { state in
      switch state.phase {
      case .running: state.phase = .answered(Refusal.closing.response)
      case .opened, .streaming: state.isFinished = true
      case .reading, .answered, .sending, .over: return false
      }
      resume(&state)
      return true
    }
  }

  /// The library is done with the request.
  /// - Parameter isComplete: the client has its answer, as far as one can know.
  func end(isComplete: Bool) {
    leaveEverybody { state in
      if case .over = state.phase { return false }
      if !isComplete && !state.isDeparted && !state.isReading { reception.tally.count { $0.departed += 1 } }
      reception.giveBack(state.reserved)
      state.isDeparted = true
      state.phase = .over
      return true
    }
  }

  /// Cancels the task and lets go of who waits to put in a piece, if `transition` says so.
  private func leaveEverybody(_ transition: (inout ExchangeState) -> Bool) {
    let (task, putter) = state.withLock { state -> (Task<Void, Never>?, CheckedContinuation<Bool, Never>?) in
      guard transition(&state) else { return (nil, nil) }
      state.isCancelled = true
      defer { (state.task, state.putter) = (nil, nil) }
      return (state.task, state.putter)
    }
    task?.cancel()
    putter?.resume(returning: false)
  }
}
