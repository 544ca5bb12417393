// Opens a connection without blocking a task: libpq resolves names and shakes hands on a thread of its own.

internal import CLibPQ
import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// One attempt to connect, shared by the thread that makes it and the task that waits for it.
final class ConnectionAttempt: Sendable {
  /// Why libpq gave up, in its own words.
  struct Failure: Error {
    var message: String
    /// The server asked for a password and there was none to give.
    var lacksPassword: Bool
    var host: String?
    var port: String?
    var database: String?
    var user: String?
  }

  private enum State: ~Copyable {
    case trying
    case connected(Connection)
    case failed(Failure)
    case abandoned

    /// What there is, for the one who waits.
    mutating func take() -> State {
      let taken = consume self
      self = .abandoned
      return taken
    }

    var isAbandoned: Bool {
      switch self {
      case .abandoned: true
      default: false
      }
    }
  }

  private let state = Mutex(State.trying)
  private let pipe = WakePipe()
  private let target: ConnectionTarget
  private let deadline: ContinuousClock.Instant

  private init(_ target: ConnectionTarget, until deadline: ContinuousClock.Instant) {
    self.target = target
    self.deadline = deadline
  }

  /// - Throws: a `DatabaseError` with advice; `.cancelled` when the task is.
  static func connection(
    to target: ConnectionTarget, until deadline: ContinuousClock.Instant, on reactor: Reactor
  ) async throws(DatabaseError) -> Connection {
    _ = try target.options()
    let attempt = ConnectionAttempt(target, until: deadline)
    runOnThread { attempt.run() }
    await withTaskCancellationHandler {
      // The thread keeps the deadline too; this one is for a name server that does not answer.
      await reactor.wait(attempt.pipe.reading, until: attempt.deadline + .milliseconds(50))
    } onCancel: {
      attempt.pipe.wake()
    }
    switch attempt.state.withLock({ $0.take() }) {
    case .connected(let connection): return connection
    case .failed(let failure): throw ConnectionAdvice.error(for: failure)
    default:
      if Task.isCancelled { throw DatabaseError.cancelledBeforeStart }
      throw ConnectionAdvice.timedOut(target)
    }
  }

  // MARK: - On the thread

  private func run() {
    var outcome = Optional(outcome())
    state.withLock { state in
      // Where nobody waits any more, the connection closes at the end of this function.
      if !state.isAbandoned, let outcome = outcome.take() { state = outcome }
    }
    pipe.wake()
  }

  private func outcome() -> State {
    let parameters = target.startParameters
    guard let pointer = Self.start(parameters.map(\.keyword), parameters.map(\.value)) else {
      return .failed(Failure(message: "out of memory", lacksPassword: false))
    }
    let connection = Connection(adopting: pointer)
    PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    // Verbose, because the words of the server may be in any language, but not its codes and its places.
    PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    var polling = PGRES_POLLING_WRITING
    while polling != PGRES_POLLING_OK {
      if polling == PGRES_POLLING_FAILED || connection.isBroken { return .failed(Self.failure(of: connection)) }
      var polled = pollfd(
        fd: PQsocket(pointer), events: Int16(polling == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
      let slice = min(deadline, .now + .milliseconds(100))
      let ready = poll(&polled, 1, pollTimeout(until: slice))
      if isAbandoned || deadline <= .now { return .trying }
      if ready > 0 { polling = PQconnectPoll(pointer) }
    }
    PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
    PQsetnonblocking(pointer, 1)
    PQenterPipelineMode(pointer)
    return .connected(connection)
  }

  private var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

  private static func start(_ keywords: [String], _ values: [String]) -> OpaquePointer? {
    withCStrings(keywords) { keywords in
      withCStrings(values) { values in PQconnectStartParams(keywords, values, 1) }
    }
  }

  private static func failure(of connection: borrowing Connection) -> Failure {
    func text(_ value: UnsafeMutablePointer<CChar>?) -> String? {
      value.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    let pointer = connection.pointer
    return Failure(
      message: connection.errorMessage, lacksPassword: PQconnectionNeedsPassword(pointer) == 1,
      host: text(PQhost(pointer)), port: text(PQport(pointer)), database: text(PQdb(pointer)),
      user: text(PQuser(pointer)))
  }
}

/// Lends strings as a NULL-terminated list of C strings.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
  var bytes: [CChar] = []
  var offsets: [Int] = []
  for string in strings {
    offsets.append(bytes.count)
    bytes.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
    bytes.append(0)
  }
  return bytes.withUnsafeBufferPointer { bytes in
    let pointers = offsets.map { offset in bytes.baseAddress.map { $0 + offset } } + [nil]
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
