// Ordinary statements of every kind: each gets the right index, or none and the right reason.

import Advisor
import Database
import HealthChecks
import IndexTuner
import Support
import Terminal
import Testing

@Suite(.needsServer) struct ProbeTests {
  /// `### title`, the statement, `---`, and what is expected: parts of indexes joined by ` && `, or `none: ` and a part of
  /// a reason, or `skipped`; alternatives are separated by ` | `.
  private struct Probe {
    var title: String
    var statement: String
    var expected: [String]
  }

  private static func probes(_ name: String = "probes") -> [Probe] {
    let text = contents(of: packageFile("Fixtures/probes/\(name).txt")) ?? ""
    return text.split(separator: "### ").compactMap { block in
      let lines = block.split(separator: "\n").map(String.init)
      guard let wall = lines.firstIndex(of: "---"), wall + 1 < lines.count else { return nil }
      return Probe(
        title: lines[0], statement: lines[1..<wall].joined(separator: "\n"),
        expected: lines[wall + 1].split(separator: " | ").map(String.init))
    }
  }

  /// Tables with their rows, and the same statistics each time.
  private static func schema(_ name: String = "schema") -> String {
    [name, "statistics"].map { contents(of: packageFile("Fixtures/probes/\($0).sql")) ?? "" }.joined()
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

  /// A shop, and the tables of an application.
  @Test(arguments: [("schema", "probes"), ("application", "application")])
  func everyProbeGetsTheRightAnswer(_ tables: String, _ statements: String) async throws {
    let schema = Self.schema(tables)
    let probes = Self.probes(statements)
    #expect(probes.count >= 100)
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      // MERGE is of PostgreSQL 15.
      let known = probes.filter { session.server.majorVersion >= 15 || !$0.title.hasPrefix("MERGE") }
      for probe in known {
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
      #expect(together.tuning.outcomes.count + together.tuning.skipped.count >= probes.count - 10)
      #expect(together.tuning.outcomes.allSatisfy { $0.costAfter <= $0.costBefore * 1.001 })
      #expect(
        together.tuning.outcomes.allSatisfy { $0.uses.isEmpty && $0.mayUse.isEmpty ? !$0.reasons.isEmpty : true })
      await session.close()
    }
  }

  @Test func whatIsSaidBesides() async throws {
    let schema = Self.schema()
    let more = """
      CREATE INDEX orders_tenant ON orders (tenant_id);
      CREATE INDEX orders_twin ON orders (tenant_id, placed_at);
      CREATE UNIQUE INDEX order_lines_identity ON order_lines (order_id, line);
      ALTER TABLE order_lines REPLICA IDENTITY USING INDEX order_lines_identity;
      DROP EXTENSION IF EXISTS pg_trgm;
      """
    try await withDatabase(schema: schema + more) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      func advice(_ statements: String...) async throws -> Advice {
        try await Advise().advice(on: session, for: Self.request(statements))
      }
      // Twins and leading parts could go; what backs a constraint or the replica identity could not.
      let drops = try await advice(
        "SELECT id FROM orders WHERE tenant_id = 40 AND placed_at > '2025-02-10'",
        "SELECT quantity FROM order_lines WHERE order_id = 5")
      #expect(Set(drops.droppable.map(\.object.name)) == ["public.orders_tenant", "public.orders_twin"])
      let text = TextRenderer(style: .plain).render(drops)
      #expect(text.contains("DROP INDEX CONCURRENTLY public.orders_tenant;"))
      // A constant that the calls do not share is no condition of an index.
      let states = ["pending", "cancelled", "done"].map {
        "SELECT id, placed_at FROM orders WHERE status = '\($0)' ORDER BY placed_at LIMIT 5"
      }
      let varied = try await advice(states[0], states[1], states[2])
      #expect(varied.tuning.outcomes.count == 1)
      #expect(varied.tuning.recommendations.allSatisfy { $0.index.predicate == nil })
      // Where the table is not the first, HypoPG cannot show an index on an expression: unproven, outside of the totals.
      let view = try await advice("SELECT id FROM active_users WHERE email = 'user77@example.com'")
      #expect(view.tuning.recommendations.map(\.isUnproven) == [true])
      #expect(view.tuning.costAfter == view.tuning.costBefore)
      #expect(view.tuning.recommendations.first?.confidence.level == .low)
      #expect(
        TextRenderer(style: .plain).render(view).hasPrefix(
          "1 index is worth a trial, unproven: HypoPG cannot price it."))
      let skewed = try await advice("SELECT id, note FROM orders WHERE status = $1")
      #expect(
        skewed.tuning.recommendations.first?.confidence.reasons.contains { $0.contains("rarer values only") } == true)
      // Of the arms of an OR the first one's index saves nothing by itself, and is no less needed.
      let arms = try await advice("SELECT id FROM orders WHERE user_id = 4711 OR coupon = 'C90'").tuning.recommendations
      #expect(arms.map { $0.notes.contains { $0.hasPrefix("it saves only together with 2") } } == [true, false])
      #expect(arms.allSatisfy { $0.why.contains { $0.contains("an arm of an OR") } })
      // A document of two columns is as wide as both.
      let words = try await advice(
        "SELECT id FROM articles WHERE to_tsvector('simple', title || ' ' || body) @@ to_tsquery('simple', 'word')",
        "SELECT id FROM articles WHERE to_tsvector('simple', title) @@ to_tsquery('simple', 'word')")
      let sizes = words.tuning.recommendations.sorted { $0.index.columns.count > $1.index.columns.count }.map(\.bytes)
      #expect(sizes.count == 2 && sizes[0] > 2 * sizes[1], "\(sizes)")
      let pattern = try await advice("SELECT id FROM users WHERE name ILIKE '%ab12c%'")
      #expect(pattern.tuning.recommendations.isEmpty)
      #expect(pattern.tuning.outcomes[0].reasons.contains { $0.contains("pg_trgm") })
      let said = TextRenderer(style: .plain).render(pattern)
      #expect(said.contains("by cost; below stands one that the planner cannot be asked about."), "\(said)")
      #expect(said.contains("planner: 1 what-if plan for") && said.contains("gap: none, no other choice"), "\(said)")
      await session.close()
    }
  }

  /// Functions and types of an application's own schema, which only its search path leads to; an index that nobody can use; a
  /// day as a constant.
  @Test func expressionsOfASchemaOnTheSearchPath() async throws {
    let schema = """
      CREATE SCHEMA app;
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public', current_database()); END $$;
      SET search_path = app;
      CREATE FUNCTION digits(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN translate($1, ''+- '', ''''); END';
      CREATE TABLE contacts AS SELECT g AS id, '+49 ' || g % 9000 AS phone, g % 2000 AS room, date '2024-01-01' + g % 5 AS day,
        repeat('x', 80) AS note FROM generate_series(1, 40000) AS g;
      CREATE INDEX contacts_room_bad ON contacts (room);
      UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = 'contacts_room_bad'::regclass;
      VACUUM ANALYZE contacts;
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      func advice(_ statement: String) async throws -> Advice {
        try await Advise().advice(on: session, for: Self.request([statement]))
      }
      let function = try await advice("SELECT note FROM contacts WHERE digits(phone) = '4977'")
      #expect(Self.indexes(function) == ["app.contacts (digits(phone))"])
      let invalid = try await advice("SELECT note FROM contacts WHERE room = 7")
      #expect(Self.indexes(invalid) == ["app.contacts (room)"])
      #expect(
        invalid.tuning.recommendations.first?.notes.contains {
          $0.contains("REINDEX INDEX CONCURRENTLY app.contacts_room_bad does instead")
        } == true)
      let day = try await advice("SELECT note FROM contacts WHERE phone = '+49 77' AND day = '2024-01-03'")
      #expect(day.tuning.recommendations.map(\.index.predicate) == [nil])
      await session.close()
    }
  }

  /// What is recommended can be built as it is printed, also what HypoPG could not try.
  @Test func everyRecommendationCanBeBuilt() async throws {
    let schema = Self.schema()
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let advice = try await Advise().advice(on: session, for: Self.request(Self.probes().map(\.statement)))
      await session.close()
      let script = advice.tuning.recommendations.flatMap(\.statements).joined(separator: "\n")
      try await onOwnThread {
        let psql = try ScratchCluster.shared().psql
        _ = try requireCommand([psql, "-Xq", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"], input: script)
      }
    }
  }
}
