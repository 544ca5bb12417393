// How far a request has come, and what is kept for it: the values that `RunningExchange` guards.

struct ExchangeState {
  enum Phase {
    case reading
    /// The handler runs.
    case running
    /// For the library's thread to queue.
    case answered(Response)
    case opened(status: Int, headers: [Header])
    /// The library has all it needs.
    case sending
    /// The library asks for bytes.
    case streaming
    case over
  }

  var phase = Phase.reading
  /// Until the handler has it.
  var request: Request?
  /// Of the bytes all bodies may have, those of this one.
  var reserved = 0
  var isSuspended = false
  /// Nobody is there any more to take an answer.
  var isDeparted = false
  var task: Task<Void, Never>?
  /// The task has to be, whether it is known already or not.
  var isCancelled = false
  /// The piece on its way, and how much of it the library has.
  var piece: [UInt8] = []
  var taken = 0
  var isFinished = false
  /// Who waits to put in the next one.
  var putter: CheckedContinuation<Bool, Never>?

  var isReading: Bool {
    if case .reading = phase { return true }
    return false
  }
}
