// Several indexes that one could replace: found, cured by what the report says, and found no more.

import Advisor
import Database
import HealthChecks
import Support
import Terminal
import Testing

@testable import IndexTuner

@Suite struct ConsolidationTests {
  private static let schema = """
    SELECT setseed(0.5);
    CREATE TABLE shops (account int, shop int, PRIMARY KEY (account, shop));
    INSERT INTO shops SELECT a, s FROM generate_series(0, 20000) AS a, generate_series(1, 2) AS s;
    CREATE TABLE visits (id bigint PRIMARY KEY, account int NOT NULL, day int, kind int, page int, serial int, note text);
    INSERT INTO visits SELECT n, random() * 20000, random() * 400, random() * 30, random() * 5000, n, repeat('x', 60)
      FROM generate_series(1, 120000) AS n;
    CREATE INDEX visits_day ON visits (account, day);
    CREATE INDEX visits_kind ON visits (account, kind);
    CREATE INDEX visits_page ON visits (account, page);
    ALTER TABLE visits ADD UNIQUE (account, serial);
    CREATE TABLE few (branch int, day int, kind int, note text);
    INSERT INTO few SELECT n % 4, random() * 30000, random() * 30000, repeat('x', 60) FROM generate_series(1, 120000) AS n;
    CREATE INDEX few_day ON few (branch, day);
    CREATE INDEX few_kind ON few (branch, kind);
    CREATE TABLE middle (team int, day int, kind int, note text);
    INSERT INTO middle SELECT random() * 1500, random() * 400, random() * 400, repeat('x', 60)
      FROM generate_series(1, 120000) AS n;
    CREATE INDEX middle_day ON middle (team, day);
    CREATE INDEX middle_kind ON middle (team, kind);
    VACUUM ANALYZE;
    """

  private func advice(on url: String) async throws -> Advice {
    var request = AdviceRequest()
    request.usesStatistics = false
    request.queries = [
      "SELECT note FROM visits WHERE account = 7 AND day = 40",
      "SELECT note FROM visits WHERE account = 8 AND kind = 4",
      "SELECT note FROM visits WHERE account = 9 AND page = 44", "SELECT note FROM few WHERE branch = 1 AND day = 7",
      "SELECT note FROM few WHERE branch = 2 AND kind = 7", "SELECT note FROM middle WHERE team = 1 AND day = 7",
      "SELECT note FROM middle WHERE team = 2 AND kind = 7",
    ]
    return try await Advise().advice(on: ConnectionTarget(url: url), for: request)
  }

  private func found(_ advice: Advice) -> [Finding] {
    advice.droppable.filter { $0.check == DroppableIndexes.consolidation }
  }

  @Test(.needsServer) func threeIndexesThatOneCouldReplace() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let sick = try await advice(on: url)
      let finding = try #require(found(sick).first { $0.seen.contains("public.visits") })
      // Not the four branches: among their rows nothing would be found without the second column.
      #expect(!found(sick).contains { $0.seen.contains("public.few") })
      let statements = DroppableIndexes.statements(of: finding)
      #expect(statements.first?.hasPrefix("CREATE INDEX CONCURRENTLY visits_account_") == true)
      #expect(
        statements.dropFirst().sorted() == [
          "DROP INDEX CONCURRENTLY public.visits_day;", "DROP INDEX CONCURRENTLY public.visits_kind;",
          "DROP INDEX CONCURRENTLY public.visits_page;",
        ])
      let session = try await Session.open(ConnectionTarget(url: url))
      let canHide: [String] = try await session.rows(
        "SELECT (pg_catalog.to_regproc('public.hypopg_hide_index') IS NOT NULL)::text")
      await session.close()
      #expect(!finding.notes.contains { $0.hasPrefix("unproven") })
      // Before HypoPG 1.4 the planner cannot be asked to do without what it prefers, and the report says so.
      if canHide == ["false"] {
        let doubtful = try #require(found(sick).first { $0.seen.contains("public.middle") })
        #expect(doubtful.notes.contains { $0.hasPrefix("unproven") })
      }
      let text = TextRenderer(style: .plain).render(sick)
      #expect(statements.allSatisfy { text.contains($0) })
      let database = String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
      for statement in statements + ["ANALYZE visits"] { try ScratchCluster.shared().run(statement, in: database) }
      let cured = try await advice(on: url)
      #expect(!found(cured).contains { $0.seen.contains("public.visits") })
      // Nothing is hidden or left behind, and nobody is worse off.
      #expect(cured.tuning.costBefore < sick.tuning.costBefore * 1.05)
    }
  }

  // MARK: - What may go

  private func index(_ name: String, _ keys: [String], included: [String] = [], isUnique: Bool = false) -> Index {
    Index(
      id: UInt32(name.utf8.reduce(0) { $0 * 31 % 10_007 + Int($1) }), name: name,
      keys: keys.map { .init(column: $0, text: $0) }, included: included, isUnique: isUnique, isRequired: isUnique,
      bytes: 1_000_000)
  }

  private func trials(_ indexes: [Index], foreignKeys: [[String]] = []) -> [[ConsolidationTrial]] {
    var relation = Relation(
      id: 1, schema: "public", name: "t", kind: .table,
      columns: ["a", "b", "c", "d"].enumerated().map { Column(name: $1, number: $0 + 1, typeName: "integer") })
    relation.indexes = indexes
    return ConsolidationChoice(relation: relation, foreignKeys: foreignKeys, limits: Limits()).trials
  }

  @Test func whatBeginsAlikeIsMergedInEachOrder() {
    let found = trials([index("one", ["a", "b"]), index("two", ["a", "c"])])
    #expect(found.map { $0.map(\.keys) } == [[["a", "b", "c"], ["a", "c", "b"]]])
    // Nothing in common; the beginning of another, which is told as such; in another direction.
    #expect(trials([index("one", ["a", "b"]), index("two", ["b", "a"])]).isEmpty)
    #expect(trials([index("one", ["a", "b"]), index("two", ["a"])]).isEmpty)
    var back = index("two", ["a", "c"])
    back.keys[1].isDescending = true
    #expect(trials([index("one", ["a", "b"]), back]).isEmpty)
  }

  @Test func whatIsThereAlreadyNeedsNoNewIndex() {
    let found = trials([index("wide", ["a", "b", "c"]), index("two", ["a", "c"])])
    #expect(found.count == 1)
    #expect(found.first?.first?.kept?.name == "wide")
    #expect(found.first?.first?.replaced.map(\.name) == ["two"])
  }

  @Test func constraintsAndForeignKeysKeepTheirIndexes() {
    #expect(trials([index("one", ["a", "b"], isUnique: true), index("two", ["a", "c"])]).isEmpty)
    let kept = trials([index("key", ["a", "b", "c"], isUnique: true), index("two", ["a", "c"])])
    #expect(kept.first?.first?.replaced.map(\.name) == ["two"])
    // Rows that refer by (a, c) are looked for by it: only an order that begins so will do.
    let found = trials([index("one", ["a", "b"]), index("two", ["a", "c"])], foreignKeys: [["a", "c"]])
    #expect(found.map { $0.map(\.keys) } == [[["a", "c", "b"]]])
    let wide = trials([index("wide", ["a", "b", "c"]), index("two", ["a", "c"])], foreignKeys: [["c", "a"]])
    #expect(wide.map { $0.map(\.keys) } == [[["a", "c", "b"]]])
  }
}
