// Ordinary statements of every kind: each gets the right index, or none and the right reason.

import Advisor
import Database
import IndexTuner
import Support
import Testing

@Suite(.needsServer) struct ProbeTests {
  /// `### title`, the statement, `---`, and what is expected: parts of indexes joined by ` && `, or `none: ` and a part of
  /// a reason, or `skipped`; alternatives are separated by ` | `.
  private struct Probe {
    var title: String
    var statement: String
    var expected: [String]
  }

  private static func probes() -> [Probe] {
    let text = contents(of: packageFile("Fixtures/probes/probes.txt")) ?? ""
    return text.split(separator: "### ").compactMap { block in
      let lines = block.split(separator: "\n").map(String.init)
      guard let wall = lines.firstIndex(of: "---"), wall + 1 < lines.count else { return nil }
      return Probe(
        title: lines[0], statement: lines[1..<wall].joined(separator: "\n"),
        expected: lines[wall + 1].split(separator: " | ").map(String.init))
    }
  }

  private static func request(_ statements: [String]) -> AdviceRequest {
    var request = AdviceRequest()
    request.usesStatistics = false
    request.queries = statements
    return request
  }

  private static func indexes(_ advice: Advice) -> [String] {
    advice.tuning.recommendations.map { "\($0.index.qualifiedTable) \($0.index.body)" }
  }

  private static func holds(_ alternative: String, of advice: Advice) -> Bool {
    if alternative == "skipped" { return !advice.tuning.skipped.isEmpty }
    guard advice.tuning.skipped.isEmpty else { return false }
    if let reason = alternative.split(separator: "none:", omittingEmptySubsequences: false).dropFirst().first {
      let wanted = reason.drop { $0 == " " }
      let reasons = advice.tuning.outcomes.flatMap(\.reasons)
      return advice.tuning.recommendations.isEmpty
        && reasons.contains { wanted.isEmpty || $0.contains(wanted) }
    }
    let found = indexes(advice)
    // `&&` is also an operator: what follows it here begins with a table's name.
    return alternative.split(separator: " && ").allSatisfy { part in found.contains { $0.contains(part) } }
  }

  @Test func everyProbeGetsTheRightAnswer() async throws {
    let schema = contents(of: packageFile("Fixtures/probes/schema.sql")) ?? ""
    let probes = Self.probes()
    #expect(probes.count >= 100)
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for probe in probes {
        let advice = try await Advise().advice(on: session, for: Self.request([probe.statement]))
        let reasons = advice.tuning.outcomes.flatMap(\.reasons) + advice.tuning.skipped.map(\.reason)
        #expect(
          probe.expected.contains { Self.holds($0, of: advice) },
          "\(probe.title): \(Self.indexes(advice)) \(reasons)")
        // Never a statement without an index and without a word on it.
        #expect(
          advice.tuning.outcomes.allSatisfy { $0.uses.isEmpty && $0.mayUse.isEmpty ? !$0.reasons.isEmpty : true },
          "\(probe.title)")
      }
      // All at once as well: no statement is lost among the others, and nothing is dearer than before.
      let together = try await Advise().advice(on: session, for: Self.request(probes.map(\.statement)))
      #expect(together.tuning.outcomes.count + together.tuning.skipped.count >= probes.count - 8)
      #expect(together.tuning.outcomes.allSatisfy { $0.costAfter <= $0.costBefore * 1.001 })
      #expect(
        together.tuning.outcomes.allSatisfy { $0.uses.isEmpty && $0.mayUse.isEmpty ? !$0.reasons.isEmpty : true })
      await session.close()
    }
  }

  /// What is recommended can be built as it is printed, also what HypoPG could not try.
  @Test func everyRecommendationCanBeBuilt() async throws {
    let schema = contents(of: packageFile("Fixtures/probes/schema.sql")) ?? ""
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let advice = try await Advise().advice(on: session, for: Self.request(Self.probes().map(\.statement)))
      await session.close()
      let script = advice.tuning.recommendations.flatMap(\.statements).joined(separator: "\n")
      try await onOwnThread {
        let psql = try "\(ScratchCluster.shared().programs)/psql"
        _ = try requireCommand([psql, "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input: script)
      }
    }
  }
}
