// Values drawn for parameters: from the column, ordered where they bound a range, the same every time.

import Database
import IndexTuner
import SQLSyntax
import Support
import Testing

@Suite(.needsServer) struct SamplingTests {
  private static let schema = """
    CREATE TABLE t (id int PRIMARY KEY, status text NOT NULL, at timestamptz NOT NULL, born date NOT NULL, n numeric NOT NULL);
    INSERT INTO t SELECT g, CASE WHEN g % 1000 = 0 THEN 'rare' ELSE 'common' END,
      timestamptz '2024-01-01 00:00+00' + g * interval '1 minute', date '1990-01-01' + g % 9000, g * 1.5
    FROM generate_series(1, 20000) g;
    ANALYZE t;
    """

  private func parameters(_ url: String, _ sql: String, seed: UInt64 = 17) async throws -> [[String?]] {
    let session = try await Session.open(ConnectionTarget(url: url))
    var settings = TuningSettings()
    settings.sampling.seed = seed
    let found = FromFiles().statements(inArgument: sql, number: 1).statements
    let tuning = try await Tuner(on: session, settings: settings).tuning(for: found, until: Patience())
    await session.close()
    #expect(tuning.skipped.isEmpty, "\(tuning.skipped.map(\.reason))")
    return tuning.outcomes.first?.query.variants.map { $0.request.parameters.map(\.value) } ?? []
  }

  @Test func boundsOfARangeAreInOrderAndInTheColumn() async throws {
    try await withDatabase(schema: Self.schema) { url in
      for sql in [
        "SELECT * FROM t WHERE at >= $1 AND at < $2", "SELECT * FROM t WHERE born BETWEEN $1 AND $2",
        "SELECT * FROM t WHERE id > $1 AND id <= $2", "SELECT * FROM t WHERE n BETWEEN $1 AND $2",
      ] {
        let vectors = try await parameters(url, sql)
        #expect(vectors.count == 3, "\(sql)")
        for vector in vectors {
          let (low, high) = (vector[0] ?? "", vector[1] ?? "")
          if let low = Double(low), let high = Double(high) { #expect(low <= high) } else { #expect(low <= high) }
        }
        let again = try await parameters(url, sql)
        #expect(again == vectors)
      }
    }
  }

  /// With no time at all nothing is looked at: a search that ended among the rest has not come to the end.
  @Test func whatThereWasNoTimeForIsSaid() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let found = FromFiles().statements(inArgument: "SELECT * FROM t WHERE status = 'rare'", number: 1).statements
      let tuning = try await Tuner(on: session, settings: TuningSettings()).tuning(
        for: found, until: Patience(deadline: .now))
      await session.close()
      #expect(tuning.skipped.map(\.reason) == ["time limit reached before it was looked at"])
      #expect(tuning.ending == .timeLimit)
    }
  }

  @Test func rareValuesAreDrawnToo() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let values = try await parameters(url, "SELECT * FROM t WHERE status = $1").map { $0[0] }
      #expect(Set(values) == ["rare", "common"])
    }
  }

  @Test func listsArraysLimitsAndUntypedSummandsAreBound() async throws {
    try await withDatabase(schema: Self.schema) { url in
      for sql in [
        "SELECT * FROM t WHERE id IN ($1, $2)", "SELECT * FROM t WHERE id = ANY ($1)",
        "SELECT * FROM t ORDER BY at LIMIT $1 OFFSET $2", "SELECT * FROM t WHERE born < current_date - $1",
        "SELECT * FROM t WHERE status LIKE $1", "SELECT * FROM t WHERE at > now() - interval $1",
        "UPDATE t SET status = $1 WHERE id = $2", "SELECT * FROM t WHERE extract($1 FROM at) = $2",
      ] {
        let vectors = try await parameters(url, sql)
        #expect(!vectors.isEmpty, "\(sql)")
      }
    }
  }
}
