// A check-up that has gone smoothly before, asked once more: one message there, one back.

import Database

extension Checkup {
  /// How long the transaction of a smooth check-up may take: what it locks it gives back only at its end.
  static let smooth = Duration.milliseconds(100)

  /// Everything in one group, as it was asked for the run that is expected, without savepoints: each is a round of work for
  /// the server, and each boundary wakes both sides.
  /// - Returns: nil where anything is not as it was then. The transaction is rolled back, and nothing is known: `run` asks
  ///   with more care.
  func ranAtOnce(
    on session: Session, _ bounds: ReadOnlyLimits, as expected: Expectation
  ) async throws -> Result? {
    let own = ownQuestions(for: session.server, expecting: expected.surroundings)
    guard let together = together(as: expected, on: session.server) else { return nil }
    let early = together.asking
    let start = ContinuousClock.now
    do {
      return try await session.snapshot(bounds, asking: own + early.steps, endsAtOnce: true) {
        _, answers throws(DatabaseError) in
        for answer in answers { _ = try answer.get() }
        var (surroundings, settings) = try Surroundings.read(
          answers[..<own.count], expecting: expected.surroundings, from: session.server)
        surroundings.isExact = isExact
        var known = Known()
        if let settings { known.answers[Question(sql: settingsQuestion, values: [])] = .success(settings) }
        try early.takeTogether(answers[own.count...], since: start, into: &known)
        var outcomes: [CheckOutcome] = []
        var places: [Int] = []
        for (place, check) in checks.enumerated() {
          switch check.plan(surroundings, limits) {
          case .done(let outcome): outcomes.append(outcome)
          case .asks(let questions):
            places.append(place)
            outcomes.append(try smoothOutcome(of: check, at: place, questions, known, surroundings))
          }
        }
        var result = Result(surroundings: surroundings, outcomes: outcomes, isSmooth: .now - start < Self.smooth)
        // Otherwise some of it was asked in vain.
        if places == together.places { result.expectation.together = together }
        return result
      }
    } catch let error as DatabaseError where error.code == .changed || error.sqlState != nil && error.code != .cancelled
    {
      return nil
    }
  }

  /// - Throws: `.changed` where more would have to be asked.
  private func smoothOutcome(
    of check: any HealthCheck, at place: Int, _ questions: [Question], _ known: Known, _ surroundings: Surroundings
  ) throws(DatabaseError) -> CheckOutcome {
    let given = questions.compactMap { known.answers[$0] }
    guard given.count == questions.count else { throw Self.changed }
    var outcome = try check.outcome(given, surroundings, limits)
    guard outcome.examinations.isEmpty else { throw Self.changed }
    outcome = bounded(outcome)
    outcome.milliseconds = known.spent[place] ?? 0
    return outcome
  }

  private static let changed = DatabaseError(code: .changed, message: "more has to be asked than the last time")
}
