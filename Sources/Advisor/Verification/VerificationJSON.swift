// The verification as JSON.

import IndexTuner
import JSON

extension Verification {
  func json(of tuning: Tuning) -> JSONValue {
    let ranks = rankDisagreement(in: tuning)
    return [
      "database": .string(database), "runs": .integer(Int64(runs)),
      "indexes": .array(indexes.map { Self.index($0, sums(of: $0.recommendation, in: tuning), tuning) }),
      "statements": .array(
        measured.map { one in
          [
            "number": .integer(Int64(tuning.outcomes[one.outcome].query.id + 1)),
            "promised_factor": .number(Self.promised(one, in: tuning)),
            "measured_factor": .number(one.without.atLeast / max(one.with.atLeast, 0.001)),
            "without": Self.time(one.without), "with": Self.time(one.with), "rows": Self.rows(one.rows),
            "finding": .string(finding(on: one, in: tuning).rawValue),
          ]
        }),
      "skipped": .array(
        skipped.map {
          [
            "number": .integer(Int64(tuning.outcomes[$0.outcome].query.id + 1)), "reason": .string($0.reason),
          ]
        }),
      "ranked_pairs": .integer(Int64(ranks.pairs)), "ranked_otherwise": .integer(Int64(ranks.otherwise)),
      "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  private static func index(
    _ built: BuiltIndex,
    _ sums: (statements: Int, costBefore: Double, costAfter: Double, before: Double, after: Double)?, _ tuning: Tuning
  ) -> JSONValue {
    [
      "rank": .integer(Int64(built.recommendation + 1)),
      "bytes_said": .integer(tuning.recommendations[built.recommendation].bytes), "bytes": .integer(built.bytes),
      "build_milliseconds": .number(built.milliseconds), "failure": built.failure.map { .string($0) } ?? .null,
      "statements": .integer(Int64(sums?.statements ?? 0)),
      "cost_before": sums.map { .number($0.costBefore) } ?? .null,
      "cost_after": sums.map { .number($0.costAfter) } ?? .null,
      "milliseconds_without": sums.map { .number($0.before) } ?? .null,
      "milliseconds_with": sums.map { .number($0.after) } ?? .null,
    ]
  }

  private static func time(_ time: Time) -> JSONValue {
    switch time {
    case .milliseconds(let milliseconds): ["milliseconds": .number(milliseconds), "gave_up": .bool(false)]
    case .longerThan(let milliseconds): ["milliseconds": .number(milliseconds), "gave_up": .bool(true)]
    }
  }

  private static func rows(_ rows: Rows) -> JSONValue {
    switch rows {
    case .equal(let count): ["without": .integer(Int64(count)), "with": .integer(Int64(count)), "equal": .bool(true)]
    case .differ(let without, let with):
      ["without": .integer(Int64(without)), "with": .integer(Int64(with)), "equal": .bool(false)]
    case .unsteady(let count):
      ["without": .integer(Int64(count)), "with": .integer(Int64(count)), "equal": .null]
    case .notCompared(let reason): ["equal": .null, "reason": .string(reason)]
    }
  }
}
