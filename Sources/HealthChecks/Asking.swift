// Questions of checks on their way in one pipeline, and what came back.

import Database

/// What is known of questions, and how long they took.
struct Known {
  var answers: [Question: Swift.Result<StepRows, DatabaseError>] = [:]
  /// Milliseconds by the check's place, as far as they show: what the server spent until its answer was whole.
  var spent: [Int: Double] = [:]
  /// A question about all tables at once has failed: from then on each part is asked alone.
  var isApart = false

  var hasFailed: Bool {
    isApart || answers.values.contains { if case .failure = $0 { true } else { false } }
  }
}

/// One pipeline.
struct Asking {
  var steps: [Step] = []
  /// Where among `steps` the question of a check stands; its boundary and the way back to the savepoint follow it.
  var asked: [(check: Int, step: Int, question: Question)] = []
  /// Where the questions of several checks about all tables stand, in the same way.
  var together: [(step: Int, parts: [(check: Int, question: Question)])] = []

  /// Whether each question is a group of its own; otherwise all are one, and fail together.
  var isApart = true

  /// The savepoint gives back locks at once, and makes a transaction usable in which a question failed. It stays, and with
  /// it the settings made before it.
  mutating func add(_ sql: SQL, _ values: [String?]) {
    guard isApart else { return steps.append(.statement(sql, values)) }
    steps += [.statement(sql, values), .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", [])]
  }

  /// The answers to questions that are not apart; all of them are there.
  /// - Parameter results: one for each of `steps`, and the boundary's.
  /// - Throws: `.changed` where a question about all tables has no answer for each of its parts.
  func takeTogether(
    _ results: ArraySlice<Swift.Result<StepRows, DatabaseError>>, since before: ContinuousClock.Instant,
    into known: inout Known
  ) throws(DatabaseError) {
    let arrival = try results.last?.get().arrival ?? .now
    let (seconds, attoseconds) = (arrival - before).components
    // What each of them took does not show.
    let each = (Double(seconds) * 1_000 + Double(attoseconds) / 1e15) / Double(max(1, steps.count))
    for (step, parts) in together {
      guard let answers = TablesOnce.apart(try results[results.startIndex + step].get(), parts: parts.count) else {
        throw DatabaseError(code: .changed, message: "the answers do not come apart")
      }
      for (part, answer) in zip(parts, answers) {
        known.answers[part.question] = .success(answer)
        known.spent[part.check, default: 0] += each / Double(parts.count)
      }
    }
    for (check, step, question) in asked {
      known.answers[question] = results[results.startIndex + step]
      known.spent[check, default: 0] += each
    }
  }

  /// - Parameters:
  ///   - results: one for each of `steps`.
  ///   - before: when the server could begin with the first question; nil where that does not show.
  /// - Throws: what makes the transaction unusable.
  func take(
    _ results: ArraySlice<Swift.Result<StepRows, DatabaseError>>, since before: ContinuousClock.Instant?,
    into known: inout Known
  ) throws(DatabaseError) {
    var before = before
    /// How long it took, and whether the way back to the savepoint was found.
    func end(of step: Int) throws(DatabaseError) -> Double {
      var spent = 0.0
      if case .success(let boundary) = results[step + 1], let arrival = boundary.arrival {
        if let before {
          let (seconds, attoseconds) = (arrival - before).components
          spent = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
        }
        before = arrival
      }
      _ = try results[step + 2].get()
      return spent
    }
    for (step, parts) in together {
      let step = results.startIndex + step
      if case .success(let rows) = results[step], let answers = TablesOnce.apart(rows, parts: parts.count) {
        for (part, answer) in zip(parts, answers) { known.answers[part.question] = .success(answer) }
      } else {
        known.isApart = true
      }
      let spent = try end(of: step)
      for part in parts { known.spent[part.check, default: 0] += spent / Double(parts.count) }
    }
    for (check, step, question) in asked {
      let step = results.startIndex + step
      known.answers[question] = results[step]
      known.spent[check, default: 0] += try end(of: step)
    }
  }
}
