// The order of messages on one connection: what is sent when, and which answer belongs to which request.

internal import CLibPQ

/// One exchange after the other on one connection, always in libpq's pipeline mode. Never blocks: whoever drives it calls
/// `advance()` when the socket is ready for what it needs.
///
/// https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
struct Conversation: ~Copyable {
  /// Bounds of what is on its way and not yet answered.
  private enum Window {
    static let requests = 256
    static let bytes = 1 << 20
    /// How often the server is asked to send what it has, when no boundary makes it.
    static let flushEvery = 64
  }

  enum Expected {
    case answer(to: Int, bytes: Int)
    /// Of the question at this position.
    case preparation(Int)
    /// A boundary asked for by the step at this position, or our own at the end.
    case boundary(Int?)
  }

  let connection: Connection
  let canceller: Canceller
  /// Sends nothing behind a boundary before it has come back.
  ///
  /// A pooler in transaction mode lends the server to somebody else when a transaction is over; PgBouncer 1.18 does so
  /// even when it has passed on the beginning of our next group, and mixes up the answers.
  var waitsAtBoundaries = false

  /// What the server has prepared: all of our questions, or those alone that are kept.
  var questions = PreparedQuestions()
  var preparesAll = false
  /// Of questions that are sent each time: joined from their pieces once.
  private var joined: [SQL: JoinedQuestion] = [:]

  var requests: [Request] = []
  var answers: [Result<Answer, DatabaseError>?] = []
  /// When to give up waiting for the server; then the connection is of no more use.
  private var deadline: ContinuousClock.Instant?
  /// Why the connection is lost.
  private var failure: DatabaseError?
  var expected: [Expected] = []
  /// The first of `expected` that is not answered.
  var head = 0
  private var next = 0
  var bytesOnTheWay = 0
  private var sentSinceFlush = 0
  var boundariesOnTheWay = 0
  private var isGroupOpen = false
  private var group = 0
  /// A request of this group could not even be sent.
  private var isGroupSpoilt = false
  /// By the simple protocol, outside pipeline mode.
  var isSimple = false
  var current: Result<Answer, DatabaseError>?
  /// The statement whose rows are taken one by one.
  var stream: RowStream?

  init(on connection: consuming Connection, canceller: Canceller) {
    self.connection = connection
    self.canceller = canceller
  }

  mutating func begin(_ requests: [Request], until deadline: ContinuousClock.Instant? = nil) {
    self.requests = requests
    self.deadline = deadline
    answers = Array(repeating: nil, count: requests.count)
    expected.removeAll(keepingCapacity: true)
    head = 0
    next = 0
    bytesOnTheWay = 0
    sentSinceFlush = 0
    boundariesOnTheWay = 0
    isGroupOpen = false
    isGroupSpoilt = false
    isSimple = false
    current = nil
    stream = nil
  }

  /// Begins with one command by the simple protocol, which takes several statements: the caller knows that it is one.
  mutating func begin(simple command: String) {
    begin([])
    guard PQexitPipelineMode(connection.pointer) == 1, PQsendQuery(connection.pointer, command) == 1 else {
      failure = failure ?? lost()
      return
    }
    answers = [nil]
    expected = [.answer(to: 0, bytes: 0)]
    isSimple = true
  }

  /// Sends and receives as much as possible without waiting.
  /// - Returns: what it waits for, or nil when every request is answered or given up.
  mutating func advance(_ wakeup: Reactor.Wakeup? = nil) -> Reactor.Need? {
    do throws(DatabaseError) {
      return try proceed(wakeup)
    } catch {
      failure = error
      return nil
    }
  }

  /// The answers, in order.
  /// - Throws: when the connection is lost.
  func outcome() throws(DatabaseError) -> [Result<Answer, DatabaseError>] {
    if let failure { throw failure }
    return answers.map { $0 ?? .failure(.cancelledBeforeStart) }
  }

  private mutating func proceed(_ wakeup: Reactor.Wakeup?) throws(DatabaseError) -> Reactor.Need? {
    if failure != nil { return nil }
    if let deadline, deadline <= .now {
      throw DatabaseError(code: .connectTimeout, message: "the server does not answer in time")
    }
    if wakeup == .ready {
      if stream != nil { try stream?.expect(bytesWaiting(on: PQsocket(connection.pointer))) }
      if PQconsumeInput(connection.pointer) == 0 { throw lost() }
    }
    while true {
      try send()
      let flushed = PQflush(connection.pointer)
      if flushed < 0 { throw lost() }
      let progress = head
      try collect()
      if isDone { return nil }
      // Answers make room in the window.
      if head > progress && next < requests.count && !canceller.isRequested { continue }
      // A cancel request can come too early, before the server has begun, and ends one group only: ask until all ended.
      if wakeup != nil && canceller.isRequested { canceller.request() }
      if stream?.wantsInterrupt() == true { canceller.interrupt() }
      // The longer pause is how late a cancel request is noticed that the server has not heard.
      let pause: Duration = .milliseconds(canceller.isRequested ? 10 : 250)
      return Reactor.Need(reads: true, writes: flushed > 0, deadline: .now + pause)
    }
  }

  private var isDone: Bool {
    head == expected.count && !isGroupOpen && (next == requests.count || canceller.isRequested)
  }

  // MARK: - Sending

  private mutating func send() throws(DatabaseError) {
    if canceller.isRequested {
      if isGroupOpen { try sync(nil) }
      return
    }
    while next < requests.count, hasRoom {
      if case .step(.boundary) = requests[next] {
        try sync(next)
      } else if isGroupSpoilt {
        answers[next] = .failure(.skipped)
      } else {
        try sendRequest(at: next)
      }
      next += 1
      if sentSinceFlush >= Window.flushEvery { try requestFlush() }
    }
    if next == requests.count {
      if isGroupOpen { try sync(nil) }
    } else if sentSinceFlush > 0 {
      try requestFlush()
    }
  }

  private var hasRoom: Bool {
    expected.count - head < Window.requests && bytesOnTheWay < Window.bytes
      && !(waitsAtBoundaries && boundariesOnTheWay > 0)
  }

  private mutating func sendRequest(at position: Int) throws(DatabaseError) {
    guard !requests[position].holdsZeroByte else {
      isGroupSpoilt = true
      answers[position] = .failure(
        DatabaseError(code: .invalidText, message: "a statement or value holds a zero byte"))
      return
    }
    guard try sendQuestion(at: position) || sendPlainly(at: position) else { throw lost() }
    let bytes = requests[position].byteCount
    expected.append(.answer(to: position, bytes: bytes))
    bytesOnTheWay += bytes
    sentSinceFlush += 1
    isGroupOpen = true
    expectRows()
  }

  /// - Returns: false when it is not to be asked by a name.
  private mutating func sendQuestion(at position: Int) throws(DatabaseError) -> Bool {
    guard preparesAll || requests[position].isKept, let question = requests[position].question else { return false }
    switch questions.way(for: question, inGroup: group) {
    case .plainly: return false
    case .prepared(let name):
      guard requests[position].send(as: name, on: connection) else { throw lost() }
    case .preparing(let name):
      guard PQsendPrepare(connection.pointer, name, question.text, 0, nil) == 1,
        requests[position].send(as: name, on: connection)
      else { throw lost() }
      expected.append(.preparation(position))
      sentSinceFlush += 1
    }
    return true
  }

  private mutating func sendPlainly(at position: Int) -> Bool {
    guard let question = requests[position].question else { return requests[position].send(on: connection) }
    if let known = joined[question] { return requests[position].send(known, on: connection) }
    let new = JoinedQuestion(question)
    if joined.count < Self.mostJoined { joined[question] = new }
    return requests[position].send(new, on: connection)
  }

  private static let mostJoined = 32

  /// libpq wants to know that rows shall come one by one when their statement is the next to be answered.
  mutating func expectRows() {
    guard head < expected.count, case .answer(let position, _) = expected[head], requests.indices.contains(position),
      stream?.position != position, case .stream(_, let limits, let taking, let stopsAtCap) = requests[position]
    else { return }
    // Refused when the statement will not be run, because one in front of it failed.
    _ = PQsetSingleRowMode(connection.pointer)
    stream = RowStream(position: position, limits: limits, taking: taking, stopsAtCap: stopsAtCap)
  }

  private mutating func sync(_ position: Int?) throws(DatabaseError) {
    guard PQpipelineSync(connection.pointer) == 1 else { throw lost() }
    expected.append(.boundary(position))
    boundariesOnTheWay += 1
    sentSinceFlush = 0
    isGroupOpen = false
    isGroupSpoilt = false
    group &+= 1
  }

  private mutating func requestFlush() throws(DatabaseError) {
    guard PQsendFlushRequest(connection.pointer) == 1 else { throw lost() }
    sentSinceFlush = 0
  }
}
