// The verification as rows of words, which the renderers put into tables of their kind.

import IndexTuner
import Terminal

/// Estimated beside measured, in words.
struct VerificationTables {
  let verification: Verification
  let tuning: Tuning

  var headline: String {
    let count = Wording.counted(verification.measured.count, "statement")
    let built = verification.indexes.count { $0.failure == nil }
    return "\(Wording.counted(built, "index", "indexes")) built on \(verification.database), \(count) run with and "
      + "without, median of \(verification.runs) with and \(verification.runs * 2) without; the indexes are gone again"
  }

  static let indexColumns = ["#", "size said", "built", "in", "statements", "cost", "time", "measured"]

  /// One for each recommendation: what its statements were promised, and what was measured.
  var indexRows: [[String]] {
    verification.indexes.map { built in
      let recommendation = tuning.recommendations[built.recommendation]
      var row = ["\(built.recommendation + 1)", formatBytes(recommendation.bytes)]
      guard built.failure == nil else { return row + ["not built", "", "", "", "", ""] }
      row += [formatBytes(built.bytes), formatDuration(milliseconds: built.milliseconds)]
      guard let sums = verification.sums(of: built.recommendation, in: tuning) else {
        return row + ["0", "", "", "nothing to measure"]
      }
      return row + [
        "\(sums.statements)", Self.share(sums.costAfter, of: sums.costBefore),
        "\(Self.time(sums.before)) → \(Self.time(sums.after))", Self.share(sums.after, of: sums.before),
      ]
    }
  }

  static let statementColumns = ["#", "promised", "measured", "without", "with", "rows", ""]

  var statementRows: [[String]] {
    verification.measured.map { one in
      [
        "\(tuning.outcomes[one.outcome].query.id + 1)", Self.factor(Verification.promised(one, in: tuning)),
        Self.factor(one.without.atLeast / max(one.with.atLeast, 0.001)), Self.time(one.without), Self.time(one.with),
        Self.rows(one.rows), { $0 == .kept ? "" : $0.rawValue }(verification.finding(on: one, in: tuning)),
      ]
    }
  }

  /// What is to be read beside the tables.
  var remarks: [String] {
    var lines: [String] = []
    for built in verification.indexes {
      if let failure = built.failure { lines.append("index \(built.recommendation + 1) was not built: \(failure)") }
    }
    let wrong = verification.measured.filter { verification.finding(on: $0, in: tuning) != .kept }
    if !wrong.isEmpty {
      let numbers = wrong.map { "#\(tuning.outcomes[$0.outcome].query.id + 1)" }.joined(separator: ", ")
      lines.append("the planner's promise did not hold for \(numbers)")
    }
    if wrong.contains(where: { if case .differ = $0.rows { true } else { false } }) {
      lines.append(
        "other rows with than without: LIMIT without a total order and sums of floating-point numbers do so; anything "
          + "else is a defect worth reporting")
    }
    let ranks = verification.rankDisagreement(in: tuning)
    if ranks.otherwise > 0 {
      lines.append(
        "costs rank \(ranks.otherwise) of \(Wording.counted(ranks.pairs, "pair")) of statements otherwise than the clock"
      )
    }
    for skipped in verification.skipped {
      lines.append("#\(tuning.outcomes[skipped.outcome].query.id + 1) was not run: \(skipped.reason)")
    }
    return lines + verification.remarks
  }

  static func time(_ time: Verification.Time) -> String {
    switch time {
    case .milliseconds(let milliseconds): Self.time(milliseconds)
    case .longerThan(let milliseconds): "over \(Self.time(milliseconds))"
    }
  }

  private static func time(_ milliseconds: Double) -> String {
    milliseconds < 100 ? "\(formatDecimal(milliseconds, places: 2)) ms" : formatDuration(milliseconds: milliseconds)
  }

  private static func factor(_ factor: Double) -> String {
    factor >= 10 ? "\(formatCount(Int64(factor.rounded())))x" : "\(formatDecimal(factor, places: 2))x"
  }

  private static func share(_ after: Double, of before: Double) -> String {
    before > 0 ? "\(formatPercent(1 - after / before)) less" : ""
  }

  private static func rows(_ rows: Verification.Rows) -> String {
    switch rows {
    case .equal(let count): "\(formatCount(Int64(count))), equal"
    case .differ(let without, let with):
      without == with
        ? "\(formatCount(Int64(with))), others" : "\(formatCount(Int64(without))) and \(formatCount(Int64(with)))"
    case .unsteady(let count): "\(formatCount(Int64(count))), others each time"
    case .notCompared(let reason): reason
    }
  }
}
