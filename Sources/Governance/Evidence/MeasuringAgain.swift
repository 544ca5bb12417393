// Whether a change has helped: the recorded statements once more, and what has come since.

import Database
package import JSON

extension MeasuredAgain: EvidencePart {
  /// Fewer calls say nothing.
  static let enoughCalls: Int64 = 20

  init(_ before: StatementBaseline, now: (calls: Int64, totalMilliseconds: Double)?) {
    queryID = before.queryID
    text = before.text
    callsBefore = before.calls
    meanBefore = before.calls > 0 ? before.totalMilliseconds / Double(before.calls) : 0
    callsAfter = 0
    meanAfter = nil
    guard let now else {
      judgement = "not recorded any more: the statistics were reset, or it was displaced"
      return
    }
    guard now.calls >= before.calls, now.totalMilliseconds >= before.totalMilliseconds else {
      judgement = "the statistics were reset since: before and after cannot be told apart"
      return
    }
    callsAfter = now.calls - before.calls
    guard callsAfter > 0 else {
      judgement = "not called since the change"
      return
    }
    let mean = (now.totalMilliseconds - before.totalMilliseconds) / Double(callsAfter)
    meanAfter = mean
    guard callsAfter >= Self.enoughCalls, before.calls >= Self.enoughCalls else {
      judgement = "too few calls to say (\(before.calls) before, \(callsAfter) since)"
      return
    }
    let factor = meanBefore > 0 ? mean / meanBefore : 1
    judgement =
      factor < 0.9
      ? "faster: \(EvidenceText.decimal(1 / max(factor, 0.000_1))) times"
      : factor > 1.1 ? "slower: \(EvidenceText.decimal(factor)) times" : "as before"
  }

  package var json: JSONValue {
    .object([
      "query_id": .string(queryID), "text": .string(text), "calls_before": .integer(callsBefore),
      "mean_before_ms": .number(meanBefore), "calls_after": .integer(callsAfter), "mean_after_ms": .optional(meanAfter),
      "judgement": .string(judgement),
    ])
  }

  package init?(json: JSONValue) {
    guard let object = json.object, let queryID = object["query_id"]?.string, let text = object["text"]?.string,
      let callsBefore = object["calls_before"]?.integer, let meanBefore = object["mean_before_ms"]?.double,
      let callsAfter = object["calls_after"]?.integer, let judgement = object["judgement"]?.string
    else { return nil }
    self.queryID = queryID
    self.text = text
    self.callsBefore = callsBefore
    self.meanBefore = meanBefore
    self.callsAfter = callsAfter
    meanAfter = object["mean_after_ms"]?.double
    self.judgement = judgement
  }

  /// `query`: faster: 12 times (mean 40 ms over 500 calls, 3.3 ms over 120 since).
  package var line: String {
    let after = meanAfter.map { ", \(EvidenceText.decimal($0)) ms over \(callsAfter) since" } ?? ""
    return
      "\(judgement) (mean \(EvidenceText.decimal(meanBefore)) ms over \(callsBefore) calls\(after)): \(text.prefix(100))"
  }
}

extension Governor {
  /// What has come of the statements that a change was to help. Not for callers from whom a policy hides something.
  package func measureAgain(
    _ baseline: [StatementBaseline], for call: GovernedCall
  ) async throws(GovernedFailure) -> [MeasuredAgain] {
    do {
      return try await lend(for: call, needing: .read, ours: true) { try await $0.measuredAgain(baseline) }
    } catch let failure as GovernedFailure {
      throw failure
    } catch {
      throw GovernedFailure("the statistics of statements cannot be read", advice: "Install pg_stat_statements")
    }
  }
}

extension Session {
  func measuredAgain(_ baseline: [StatementBaseline]) async throws -> [MeasuredAgain] {
    let recorded = try await recordedStatements()
    return baseline.map { MeasuredAgain($0, now: Self.sum(of: $0, in: recorded)) }
  }

  /// The same statements as they stand now: what was called meanwhile belongs to the time before.
  func refreshed(_ baseline: [StatementBaseline]) async throws -> [StatementBaseline] {
    let recorded = try await recordedStatements()
    return baseline.map { old in
      guard let now = Self.sum(of: old, in: recorded) else { return old }
      return StatementBaseline(
        queryID: old.queryID, text: old.text, calls: now.calls, totalMilliseconds: now.totalMilliseconds)
    }
  }

  private func recordedStatements() async throws -> [RecordedStatement] {
    var thresholds = StatementThresholds()
    thresholds.minimumShare = 0
    thresholds.limit = 5_000
    let asked = thresholds
    return try await readOnly { try await $0.statementStatistics(asked).statements }
  }

  private static func sum(
    of before: StatementBaseline, in recorded: [RecordedStatement]
  ) -> (calls: Int64, totalMilliseconds: Double)? {
    let same = recorded.filter { "\($0.queryID)" == before.queryID && $0.isTopLevel }
    if same.isEmpty { return nil }
    return (same.reduce(0) { $0 + $1.calls }, same.reduce(0) { $0 + $1.totalMilliseconds })
  }
}
