// Plans asked for one by one, each with its own reason when PostgreSQL refuses.

package import Database

/// Asks for plans inside a read-only transaction; a refusal disturbs no other statement, and no lock is kept.
package struct Planning: Sendable {
  private let session: Session
  private let counter: PlanningCounter

  package init(on session: Session, counter: PlanningCounter) {
    self.session = session
    self.counter = counter
  }

  /// A statement to plan, under a search path.
  package struct Question: Sendable {
    package var request: PlanRequest
    package var searchPath: [String]

    package init(request: PlanRequest, searchPath: [String]) {
      self.request = request
      self.searchPath = searchPath
    }
  }

  /// The `EXPLAIN (FORMAT JSON)` bytes of each, in order, or PostgreSQL's reason. After `patience` is over the rest is
  /// answered with nil.
  package func plans(
    of questions: [Question], until patience: Patience = Patience()
  ) async throws(TuningError) -> [Result<[UInt8], DatabaseError>?] {
    var answers: [Result<[UInt8], DatabaseError>?] = []
    for start in stride(from: 0, to: questions.count, by: 32) {
      guard !patience.isOver else { break }
      var steps: [Step] = []
      for question in questions[start..<min(start + 32, questions.count)] {
        steps += [
          .statement("SAVEPOINT pgadvisor_planning", []), PricingScript.path(PricingBook.path(question.searchPath)),
          .plan(question.request), .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_planning", []),
          .statement("RELEASE SAVEPOINT pgadvisor_planning", []), .boundary,
        ]
      }
      let results = try await send(steps)
      let count = steps.count / 7
      counter.count(count)
      for number in 0..<count {
        answers.append(
          results[number * 7 + 2].flatMap { rows in
            guard let bytes = rows.rows.first?.first ?? nil else {
              return .failure(DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no row"))
            }
            return .success(bytes)
          })
      }
    }
    return answers + Array(repeating: nil, count: questions.count - answers.count)
  }

  /// The types PostgreSQL infers for the parameters of a statement, or its reason.
  package func parameterTypes(of question: Question) async throws(TuningError) -> Result<[ParameterType], DatabaseError>
  {
    _ = try await send([
      .statement("SAVEPOINT pgadvisor_planning", []), PricingScript.path(PricingBook.path(question.searchPath)),
    ])
    let answer: Result<[ParameterType], DatabaseError>
    do throws(DatabaseError) {
      answer = .success(try await session.parameterTypes(of: question.request))
    } catch {
      if error.code == .connectionLost { throw TuningError(error) }
      answer = .failure(error)
    }
    _ = try await send([
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_planning", []),
      .statement("RELEASE SAVEPOINT pgadvisor_planning", []),
    ])
    return answer
  }

  private func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    do throws(DatabaseError) {
      return try await session.run(steps)
    } catch {
      throw TuningError(error)
    }
  }
}
