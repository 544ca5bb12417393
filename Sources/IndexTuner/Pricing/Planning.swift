// Plans asked for one by one, each with its own reason when PostgreSQL refuses.

package import Database

/// Asks for plans inside a read-only transaction; a refusal disturbs no other statement, and no lock is kept.
package struct Planning: Sendable {
  private let session: Session
  private let sessions: [Session]
  private let counter: PlanningCounter

  /// - Parameter helpers: further sessions inside transactions of their own.
  package init(on session: Session, helpers: some Sequence<Session> = [], counter: PlanningCounter) {
    self.session = session
    sessions = [session] + helpers
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
      let results = try await send(steps, on: session)
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

  /// What each costs and returns, in order, or PostgreSQL's reason; asked for on every session. After `patience` is over the
  /// rest is answered with nil.
  func prices(
    of questions: [Question], isTimed: Bool = false, until patience: Patience = Patience()
  ) async throws(TuningError) -> [Result<PlanPrice, DatabaseError>?] {
    let chunks = stride(from: 0, to: questions.count, by: 48).map { $0..<min($0 + 48, questions.count) }
    let asking = Array(sessions.prefix(max(1, chunks.count)))
    let results = await withTaskGroup(of: Result<[(Int, [Result<PlanPrice, DatabaseError>])], TuningError>.self) {
      group in
      for (first, session) in asking.enumerated() {
        group.addTask {
          var found: [(Int, [Result<PlanPrice, DatabaseError>])] = []
          for number in stride(from: first, to: chunks.count, by: asking.count) where !patience.isOver {
            do throws(TuningError) {
              found.append((number, try await prices(of: questions[chunks[number]], isTimed, on: session)))
            } catch {
              // What a helper has taken is asked again on the first session.
              guard session === self.session else { break }
              return .failure(error)
            }
          }
          return .success(found)
        }
      }
      var results: [Result<[(Int, [Result<PlanPrice, DatabaseError>])], TuningError>] = []
      for await result in group { results.append(result) }
      return results
    }
    var answers = [Result<PlanPrice, DatabaseError>?](repeating: nil, count: questions.count)
    var open = Set(chunks.indices)
    for result in results {
      for (number, prices) in try result.get() {
        open.remove(number)
        for (place, price) in zip(chunks[number], prices) { answers[place] = price }
      }
    }
    for number in open.sorted() where !patience.isOver {
      for (place, price) in zip(chunks[number], try await prices(of: questions[chunks[number]], isTimed, on: session)) {
        answers[place] = price
      }
    }
    counter.count(answers.count { $0 != nil })
    return answers
  }

  private func prices(
    of questions: ArraySlice<Question>, _ isTimed: Bool, on session: Session
  ) async throws(TuningError) -> [Result<PlanPrice, DatabaseError>] {
    var steps: [Step] = []
    for question in questions {
      steps += [
        .statement("SAVEPOINT pgadvisor_planning", []), PricingScript.path(PricingBook.path(question.searchPath)),
        .price(question.request.costing(isTimed: isTimed)), .boundary,
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_planning", []),
        .statement("RELEASE SAVEPOINT pgadvisor_planning", []), .boundary,
      ]
    }
    let results = try await send(steps, on: session)
    return questions.indices.map { place in
      results[(place - questions.startIndex) * 7 + 2].flatMap { rows in
        rows.price.map { .success($0) }
          ?? .failure(DatabaseError(code: .protocolViolation, message: "EXPLAIN gave a plan without a cost"))
      }
    }
  }

  /// The types PostgreSQL infers for the parameters of each statement, or its reason.
  func parameterTypes(
    of questions: [Question]
  ) async throws(TuningError) -> [Result<[ParameterType], DatabaseError>] {
    do throws(DatabaseError) {
      return try await session.parameterTypes(
        of: questions.map { ($0.request, PricingBook.path($0.searchPath)) })
    } catch {
      throw TuningError(error)
    }
  }

  private func send(
    _ steps: [Step], on session: Session
  ) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    do throws(DatabaseError) {
      return try await session.run(steps)
    } catch {
      throw TuningError(error)
    }
  }
}
