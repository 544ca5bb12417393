// What comes back on one connection, and which request it answers.

internal import CLibPQ

extension Conversation {
  /// Takes every answer that has arrived, and waits for none.
  mutating func collect() throws(DatabaseError) {
    while head < expected.count, PQisBusy(connection.pointer) == 0 {
      if let pointer = PQgetResult(connection.pointer) {
        try take(ResultHandle(adopting: pointer))
      } else {
        try finishCurrent()
      }
    }
  }

  /// libpq marks the end of a command's results with NULL.
  private mutating func finishCurrent() throws(DatabaseError) {
    guard let answer = current else {
      throw lost(DatabaseError(code: .protocolViolation, message: "an answer was missing"))
    }
    switch expected[head] {
    case .boundary: throw lost(DatabaseError(code: .protocolViolation, message: "an answer came too late"))
    case .preparation(let position): finishPreparation(at: position, answer)
    case .answer(let position, let bytes):
      if isSimple && PQenterPipelineMode(connection.pointer) != 1 { throw lost() }
      // Why it could not be prepared says more than that it was skipped then.
      if answers[position] == nil { answers[position] = answer }
      remember(answer, at: position)
      bytesOnTheWay -= bytes
    }
    current = nil
    head += 1
    expectRows()
  }

  private mutating func finishPreparation(at position: Int, _ answer: Result<Answer, DatabaseError>) {
    guard let question = requests[position].question else { return }
    if case .success = answer {
      questions.take(question, isPrepared: true)
    } else {
      questions.take(question, isPrepared: false)
      if case .failure(let error) = answer, error.code != .skipped { answers[position] = answer }
    }
  }

  /// What an answer says of the questions that are prepared.
  private mutating func remember(_ answer: Result<Answer, DatabaseError>, at position: Int) {
    guard let question = requests[position].question else { return }
    switch answer {
    case .success: if question == Session.discarding { questions = PreparedQuestions() }
    case .failure(let error): if error.code == .server { questions.forget(question) }
    }
  }

  private mutating func take(_ result: consuming ResultHandle) throws(DatabaseError) {
    switch result.status {
    case PGRES_PIPELINE_SYNC:
      guard case .boundary(let position) = expected[head] else {
        throw lost(DatabaseError(code: .protocolViolation, message: "answers ended too early"))
      }
      if let position { answers[position] = .success(Answer(rows: StepRows(arrival: .now))) }
      boundariesOnTheWay -= 1
      head += 1
      expectRows()
    case PGRES_SINGLE_TUPLE:
      try stream?.take(result)
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      current = try finished(result)
    case PGRES_PIPELINE_ABORTED:
      current = .failure(.skipped)
    case PGRES_FATAL_ERROR:
      let error = DatabaseError(result, wasCancelled: canceller.isRequested)
      if connection.isBroken || error.code == .connectionLost { throw lost(error) }
      if let stream, stream.isStopping, error.sqlState == "57014", !canceller.isRequested {
        self.stream?.stop()
        current = streamed
      } else if case .failure = current {
      } else {
        current = .failure(error)
      }
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      throw lost(DatabaseError(code: .protocolViolation, message: "COPY needs a data channel, and there is none"))
    default:
      throw lost(DatabaseError(code: .protocolViolation, message: "an answer of an unexpected kind"))
    }
  }

  private mutating func finished(
    _ result: borrowing ResultHandle
  ) throws(DatabaseError) -> Result<Answer, DatabaseError> {
    guard case .answer(let position, _) = expected[head] else { return .success(Answer(rows: result.rows)) }
    guard stream?.position == position else {
      guard result.status == PGRES_TUPLES_OK else { return .success(Answer(parameterTypes: result.parameterTypes)) }
      let wantsPrice = requests.indices.contains(position) && requests[position].wantsPrice
      return .success(Answer(rows: wantsPrice ? result.priceAlone : result.rows))
    }
    guard PQntuples(result.pointer) == 0 else {
      throw lost(DatabaseError(code: .protocolViolation, message: "rows did not come one by one"))
    }
    stream?.finish(result)
    return streamed
  }

  /// What became of the rows that were taken one by one.
  private var streamed: Result<Answer, DatabaseError> {
    stream?.outcome.map { Answer(streamed: $0) } ?? .success(Answer())
  }

  /// What the server said before it hung up, or libpq's account of it.
  func lost(_ known: DatabaseError? = nil) -> DatabaseError {
    var reason = known
    for _ in 0..<16 where reason == nil {
      guard PQisBusy(connection.pointer) == 0, let pointer = PQgetResult(connection.pointer) else { break }
      let result = ResultHandle(adopting: pointer)
      if result.status == PGRES_FATAL_ERROR { reason = DatabaseError(result, wasCancelled: false) }
    }
    let words = reason?.message ?? oneLine(connection.errorMessage)
    return DatabaseError(
      code: .connectionLost, message: "connection to the server was lost\(words.isEmpty ? "" : ": \(words)")",
      sqlState: reason?.sqlState, advice: reason?.advice)
  }
}
