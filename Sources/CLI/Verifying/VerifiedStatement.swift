// One statement on its way through a verification.

import Advisor
import Database

/// What it took in each of the three phases.
struct VerifiedStatement {
  struct Phase {
    var times: [Double] = []
    /// Milliseconds after which it was given up.
    var givenUp: Double?
    var rows: RowDigest?
  }

  /// Position in `Tuning.outcomes`.
  let outcome: Int
  let request: PlanRequest
  let path: [String]
  var before: Phase?
  var with: Phase?
  var after: Phase?
  var failure: String?

  init(outcome: Int, request: PlanRequest, path: [String]) {
    self.outcome = outcome
    self.request = request
    self.path = path
  }

  /// nil unless it was run with and without.
  var measured: Verification.Measured? {
    guard failure == nil, let before, let with, let there = Self.time(of: [with]) else { return nil }
    let without = [before] + (after.map { [$0] } ?? [])
    guard let alone = Self.time(of: without) else { return nil }
    return Verification.Measured(outcome: outcome, without: alone, with: there, rows: rows)
  }

  private var rows: Verification.Rows {
    guard let without = before?.rows, let with = with?.rows else { return .notCompared("given up") }
    guard !without.isPartial, !with.isPartial else { return .notCompared("too many to compare") }
    if without == with { return .equal(with.count) }
    if without.count == with.count, let again = after?.rows, again.count == without.count, again != without {
      return .unsteady(with.count)
    }
    return .differ(without: without.count, with: with.count)
  }

  private static func time(of phases: [Phase]) -> Verification.Time? {
    if let given = phases.compactMap(\.givenUp).first { return .longerThan(given) }
    let times = phases.flatMap(\.times).sorted()
    guard !times.isEmpty else { return nil }
    let middle = times.count / 2
    return .milliseconds(times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2)
  }
}

/// Rows as a number that does not depend on their order.
struct RowDigest: Equatable {
  let count: Int
  private let sum: UInt64
  let isPartial: Bool

  init(_ rows: StreamedRows) {
    count = rows.rowCount
    isPartial = rows.isTruncated || rows.cutCells > 0
    sum = rows.rows.reduce(0) { $0 &+ Self.hash($1) }
  }

  /// FNV-1a over cells with their lengths (http://www.isthe.com/chongo/tech/comp/fnv/), then stirred: sums of plain ones
  /// are easily the same.
  private static func hash(_ row: [[UInt8]?]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for cell in row {
      var length = UInt64(bitPattern: Int64(cell?.count ?? -1))
      for _ in 0..<8 {
        hash = (hash ^ (length & 0xff)) &* 0x100_0000_01b3
        length >>= 8
      }
      for byte in cell ?? [] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
    return hash ^ (hash >> 29)
  }
}
