// Questions of checks on their way in one pipeline, and what came back.

import Database

/// What is known of questions, and how long they took.
struct Known {
  var answers: [Question: Swift.Result<StepRows, DatabaseError>] = [:]
  /// Milliseconds by the check's place, as far as they show: what the server spent until its answer was whole.
  var spent: [Int: Double] = [:]
}

/// One pipeline.
struct Asking {
  var steps: [Step] = []
  /// Where among `steps` the question of a check stands; its boundary and the way back to the savepoint follow it.
  var asked: [(check: Int, step: Int, question: Question)] = []

  /// - Parameters:
  ///   - results: one for each of `steps`.
  ///   - before: when the server could begin with the first question; nil where that does not show.
  /// - Throws: what makes the transaction unusable.
  func take(
    _ results: ArraySlice<Swift.Result<StepRows, DatabaseError>>, since before: ContinuousClock.Instant?,
    into known: inout Known
  ) throws(DatabaseError) {
    var before = before
    for (check, step, question) in asked {
      let step = results.startIndex + step
      known.answers[question] = results[step]
      if case .success(let boundary) = results[step + 1], let arrival = boundary.arrival {
        if let before {
          let (seconds, attoseconds) = (arrival - before).components
          known.spent[check, default: 0] += Double(seconds) * 1_000 + Double(attoseconds) / 1e15
        }
        before = arrival
      }
      _ = try results[step + 2].get()
    }
  }
}
