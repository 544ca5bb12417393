// Questions of checks on their way in one pipeline, and what came back.

import Database

/// What is known of questions, and how long they took.
struct Known {
  var answers: [Question: Swift.Result<StepRows, DatabaseError>] = [:]
  /// Milliseconds by the check's place, as far as they show: what the server spent until its answer was whole.
  var spent: [Int: Double] = [:]
  /// A question about all tables at once has failed: from then on each part is asked alone.
  var isApart = false
}

/// One pipeline.
struct Asking {
  var steps: [Step] = []
  /// Where among `steps` the question of a check stands; its boundary and the way back to the savepoint follow it.
  var asked: [(check: Int, step: Int, question: Question)] = []
  /// Where the questions of several checks about all tables stand, in the same way.
  var together: [(step: Int, parts: [(check: Int, question: Question)])] = []

  /// The savepoint gives back locks at once, and makes a transaction usable in which a question failed. It stays, and with
  /// it the settings made before it.
  mutating func add(_ sql: SQL, _ values: [String?]) {
    steps += [.statement(sql, values), .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", [])]
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
