// What is done while something else is waited for: the same comes out as one after the other.

import Database
import Support
import Testing

@testable import IndexTuner

@Suite(.needsServer) struct EarlyPlansTests {
  private static let schema = contents(of: packageFile("Fixtures/advice/schema.sql")) ?? ""

  /// One with a parameter, one that cannot be planned, one that does not parse.
  private static let texts =
    (1...9).map { "SELECT * FROM orders WHERE placed_at < '2024-01-0\($0)' AND customer_id = \($0)" } + [
      "SELECT count(*) FROM orders WHERE status = 'pending'", "SELECT * FROM orders WHERE customer_id = $1",
      "SELECT nonsense FROM orders", "SELECT FROM WHERE",
    ]

  private static var found: [FoundStatement] {
    texts.enumerated().map { FoundStatement(text: $1, origin: .argument($0)) }
  }

  private func tuning(_ url: String, helpers: [Session]) async throws -> Tuning {
    let session = try await Session.open(ConnectionTarget(url: url))
    let tuning = try await Tuner(on: session, helpers: { helpers }, settings: TuningSettings())
      .tuning(for: Self.found, until: Patience())
    await session.close()
    return tuning
  }

  private func expectSame(_ one: Tuning, _ other: Tuning) {
    #expect(one.outcomes.map(\.query.text) == other.outcomes.map(\.query.text))
    #expect(one.outcomes.map(\.costBefore) == other.outcomes.map(\.costBefore))
    #expect(one.recommendations.map(\.index) == other.recommendations.map(\.index))
    #expect(one.skipped == other.skipped)
    #expect(one.planningCalls == other.planningCalls)
    #expect(one.costAfter == other.costAfter)
    #expect(one.candidateCount == other.candidateCount)
  }

  @Test func aHelperChangesNothing() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let alone = try await tuning(url, helpers: [])
      #expect(alone.skipped.count == 2)
      #expect(!alone.recommendations.isEmpty)
      let helper = try await Session.open(ConnectionTarget(url: url))
      expectSame(alone, try await tuning(url, helpers: [helper]))
      await helper.close()
      expectSame(alone, try await tuning(url, helpers: [helper]))
    }
  }

  @Test func whatIsAskedEarlyCostsTheSame() async throws {
    try await withDatabase(schema: Self.schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let early = await EarlyPlans.asked(
        for: ParsedStatements(Self.found), on: { [session] }, usualPath: ["public"], ReadOnlyLimits(), Limits(),
        until: StopSignal())
      func query(_ text: String) -> Query {
        Query(
          id: 0, fingerprint: "0", text: text, origin: .argument(0), weight: 1, searchPath: ["public"],
          shape: QueryShape(), variants: [PlanVariant(request: PlanRequest(planning: text), share: 1)])
      }
      let known = Self.texts.filter { early.price(of: query($0)) != nil }
      #expect(known == Array(Self.texts.prefix(10)), "neither values nor errors are made up")
      let queries = known.map(query)
      let later = try await session.readOnly { _ in
        try await HypotheticalIndexes.lend(
          on: [session],
          HypotheticalIndexes.Subject(queries: queries, relevant: queries.map { _ in IndexSet() }), limits: Limits(),
          counter: PlanningCounter()
        ) { model throws(TuningError) in try await model.basePrices(knowing: EarlyPlans(), until: Patience()) }
      }
      for (query, answer) in zip(queries, later) {
        guard case .success(let base)? = answer else {
          Issue.record("\(query.text) has no price")
          continue
        }
        #expect(base.price == early.price(of: query)?.price)
      }
      let stopped = StopSignal()
      stopped.raise()
      let none = await EarlyPlans.asked(
        for: ParsedStatements(Self.found), on: { [session] }, usualPath: ["public"], ReadOnlyLimits(), Limits(),
        until: stopped)
      #expect(queries.allSatisfy { none.price(of: $0) == nil })
      await session.close()
    }
  }
}

@Suite struct ParsedStatementsTests {
  @Test func manyStatementsAreParsedInTheirOrder() async {
    let found = (0..<100).map {
      FoundStatement(text: $0 % 9 == 5 ? "SELECT FROM (" : "SELECT \($0)", origin: .argument($0))
    }
    let statements = await ParsedStatements(found)
    #expect(
      statements.parsed.map(\.found.origin)
        == found.map(\.origin).enumerated().filter { $0.offset % 9 != 5 }.map(\.element))
    #expect(
      statements.skipped.map(\.origin) == found.map(\.origin).enumerated().filter { $0.offset % 9 == 5 }.map(\.element))
    #expect(statements.count == 100)
  }
}
