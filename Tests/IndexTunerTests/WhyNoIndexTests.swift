// A plan that was tried and declined: the reason is what has really decided.

import Database
import IndexTuner
import Support
import Testing

@Suite(.needsServer) struct WhyNoIndexTests {
  private static let schema = """
    CREATE TABLE big AS SELECT g AS id, g % 5000 AS owner, repeat('x', 100) AS note FROM generate_series(1, 100000) AS g;
    CREATE TABLE small AS SELECT g AS id, g % 5000 AS owner, repeat('x', 100) AS note FROM generate_series(1, 20000) AS g;
    VACUUM ANALYZE big, small;
    """

  /// Why the statement on the smaller table gets none.
  private func reasons(
    milliseconds: [Double?] = [nil, nil], _ change: (inout SearchSettings) -> Void
  ) async throws -> String {
    var settings = TuningSettings()
    change(&settings.search)
    let chosen = settings
    return try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let found = ["big", "small"].enumerated().flatMap { number, table in
        FromFiles().statements(inArgument: "SELECT note FROM \(table) WHERE owner = 7", number: number + 1).statements
          .map { found in
            var found = found
            found.milliseconds = milliseconds[number]
            return found
          }
      }
      let tuning = try await Tuner(on: session, settings: chosen).tuning(for: found, until: Patience())
      await session.close()
      #expect(tuning.recommendations.map(\.index.tableName) == ["big"])
      return tuning.outcomes.first { $0.query.text.contains("small") }?.reasons.joined(separator: "; ") ?? ""
    }
  }

  @Test func theNumberOfIndexesIsNamedWhereItDecides() async throws {
    let reasons = try await reasons { $0.maximumIndexes = 1 }
    #expect(reasons.contains("cheaper, and there are as many indexes as --max-indexes allows"), "\(reasons)")
    #expect(!reasons.contains("--exchange-rate"), "\(reasons)")
  }

  @Test func theBudgetIsNamedWhereItDecides() async throws {
    let reasons = try await reasons { $0 = SearchSettings(storageBudget: 1_000_000) }
    #expect(reasons.contains("cheaper, and the budget goes to what saves more"), "\(reasons)")
  }

  @Test func theShareOfTheTimeIsNamedWhereItDecides() async throws {
    let reasons = try await reasons(milliseconds: [100_000, 1]) { _ in }
    #expect(reasons.contains("that is less of the workload's time than an index must save"), "\(reasons)")
    #expect(!reasons.contains("--exchange-rate"), "\(reasons)")
  }
}
