// What must hold of advice on any schema and any workload, tried on random ones.

import Advisor
import Database
import IndexTuner
import Support
import Synchronization
import Testing

/// `PGADVISOR_PROPERTY_RUNS` databases are tried, 6 unless said; `PGADVISOR_SEED` repeats a run.
@Suite(.needsServer) struct AdvicePropertyTests {
  private static var runs: Int { variable("PGADVISOR_PROPERTY_RUNS").flatMap { Int($0) } ?? 6 }

  @Test func adviceIsNeverDearerNeverOverBudgetAndTheSameAgain() async {
    await withSeededRandom { random in
      for number in 0..<Self.runs {
        let database = RandomDatabase(using: &random)
        let columns = Int.random(in: 1...3, using: &random)
        // A stop at a moment that nobody chose; some come after the end.
        let moment = Int.random(in: 0...200, using: &random)
        let comment: Comment = "database \(number), \(random)"
        try await withDatabase(schema: database.schema) { url in
          try await forgetLateStatistics(at: url)
          var request = AdviceRequest()
          request.usesStatistics = false
          request.queries = database.statements
          request.tuning.maximumColumns = columns
          request.tuning.search = SearchSettings(storageBudget: database.budget)
          request.tuning.search.otherBudgets = [database.budget / 3]
          let target = ConnectionTarget(url: url)
          let advice = try await Advise().advice(on: target, for: request)
          try await Self.check(advice, request, url, comment)
          let again = try await Advise().advice(on: target, for: request)
          #expect(JSONRenderer().render(advice) == JSONRenderer().render(again), comment)
          let stopped = try await Self.stopped(after: moment, on: target, request)
          try await Self.check(stopped, request, url, comment)
        }
      }
    }
  }

  /// Interrupted once so many plans were asked for.
  private static func stopped(
    after moment: Int, on target: ConnectionTarget, _ request: AdviceRequest
  ) async throws -> Advice {
    let stop = StopSignal()
    let counting = Counting(stop: stop, moment: moment)
    return try await Advise(tracing: { _ in counting.count() }).advice(on: target, for: request, stop: stop)
  }

  private final class Counting: Sendable {
    private let asked = Atomic<Int>(0)
    private let stop: StopSignal
    private let moment: Int

    init(stop: StopSignal, moment: Int) {
      self.stop = stop
      self.moment = moment
    }

    func count() { if asked.add(1, ordering: .relaxed).newValue > moment { stop.raise() } }
  }

  private static func check(
    _ advice: Advice, _ request: AdviceRequest, _ url: String, _ comment: Comment
  ) async throws {
    let tuning = advice.tuning
    let budget = request.tuning.search.storageBudget ?? .max
    let proven = tuning.recommendations.filter { !$0.isUnproven }
    #expect(proven.reduce(0) { $0 + $1.bytes } <= budget, comment)
    #expect(tuning.bytes <= budget, comment)
    for other in tuning.others { #expect(other.bytes <= other.budget, comment) }
    #expect(tuning.outcomes.count + tuning.skipped.count > 0, comment)
    for indexes in [proven.map(\.index)] + tuning.others.map(\.indexes) {
      let texts = tuning.outcomes.map(\.query.text)
      let before = try await costs(of: texts, with: [], url)
      let after = try await costs(of: texts, with: indexes.map(\.hypotheticalStatement), url)
      #expect(before.count == texts.count && after.count == texts.count, comment)
      for (text, (old, new)) in zip(texts, zip(before, after)) {
        #expect(
          new <= old * 1.0001, "\(text): \(old) → \(new) with \(indexes.map(\.hypotheticalStatement)); \(comment)")
      }
    }
  }

  /// Planned in a session that has nothing else.
  private static func costs(of texts: [String], with indexes: [String], _ url: String) async throws -> [Double] {
    let creations = indexes.map { "SELECT hypopg_create_index($$\($0)$$) IS NULL;\n" }.joined()
    let script = creations + texts.map { "EXPLAIN \($0);\n" }.joined()
    return try await onOwnThread {
      let psql = try ScratchCluster.shared().psql
      let text = try requireCommand([psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input: script)
      // The first line of each plan is not indented.
      return text.split(separator: "\n").filter { $0.contains("(cost=") && !$0.hasPrefix(" ") && !$0.contains("->") }
        .compactMap { line in
          line.split(separator: "(cost=").last?.split(separator: "..").dropFirst().first?.split(separator: " ").first
            .flatMap { Double($0) }
        }
    }
  }
}
