// `explain`: hypothetical indexes, actual times, and what must not run.

import Advisor
import Database
import Support
import Terminal
import Testing

@Suite(.needsServer) struct ExplainTests {
  private static let schema = """
    CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);
    INSERT INTO t SELECT g, g % 1000 FROM generate_series(1, 20000) g;
    ANALYZE t;
    """

  private func explained(_ url: String, _ request: ExplainRequest) async throws -> ExplainedPlan {
    try await Explain().plan(on: ConnectionTarget(url: url), for: request)
  }

  @Test func aHypotheticalIndexIsUsedAndSaidSo() async throws {
    try await withDatabase(schema: Self.schema) { url in
      var request = ExplainRequest(statement: "SELECT * FROM t WHERE a = 7")
      let before = try await explained(url, request)
      request.hypotheticalIndexes = ["CREATE INDEX ON t (a)", "CREATE INDEX ON t (id, a)"]
      let after = try await explained(url, request)
      #expect(after.plan.root.totalCost < before.plan.root.totalCost / 2)
      #expect(after.usedHypothetical == ["CREATE INDEX ON t (a)"])
      #expect(after.unusedHypothetical == ["CREATE INDEX ON t (id, a)"])
      #expect(after.text(style: .plain).contains("used: CREATE INDEX ON t (a)"))
    }
  }

  @Test func analyzeRunsReadsAndMarksTheWorstEstimate() async throws {
    try await withDatabase(schema: Self.schema) { url in
      var request = ExplainRequest(statement: "SELECT count(*) FROM t WHERE a % 10 = 3")
      request.isAnalyzed = true
      let explained = try await explained(url, request)
      #expect(explained.isAnalyzed)
      #expect(explained.nodes.contains { $0.isSlowest })
      #expect(explained.nodes.contains { $0.isWorstEstimate && ($0.estimateError ?? 0) >= 10 })
    }
  }

  @Test(arguments: [
    "DELETE FROM t", "UPDATE t SET a = 1", "INSERT INTO t VALUES (0, 0)",
    "WITH gone AS (DELETE FROM t RETURNING id) SELECT count(*) FROM gone", "SELECT * INTO u FROM t",
  ])
  func analyzeNeverWrites(statement: String) async throws {
    try await withDatabase(schema: Self.schema) { url in
      var request = ExplainRequest(statement: statement)
      request.isAnalyzed = true
      await #expect(throws: AdviceFailure.self) { try await self.explained(url, request) }
      request.allowsWrites = true
      _ = try? await explained(url, request)
      let session = try await Session.open(ConnectionTarget(url: url))
      let rows: [Int] = try await session.rows("SELECT count(*) FROM t WHERE a <> 1")
      #expect(rows == [19_980])
      await session.close()
    }
  }

  @Test(arguments: ["", "SELECT 1; SELECT 2", "VACUUM t", "EXPLAIN SELECT 1", "SELEC", "SELECT * FROM nowhere"])
  func whatCannotBeExplainedGetsOneLine(statement: String) async throws {
    try await withDatabase(schema: Self.schema) { url in
      await #expect {
        _ = try await self.explained(url, ExplainRequest(statement: statement))
      } throws: { error in
        error is AdviceFailure && !"\(error)".isEmpty && !"\(error)".contains("\n")
      }
    }
  }
}
