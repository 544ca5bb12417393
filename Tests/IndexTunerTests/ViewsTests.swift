// What is shown of many candidates first, and that the wider ones are found all the same.

import Testing

@testable import IndexTuner

@Suite struct ViewsTests {
  /// Six tables with five candidates each: two families, of which (a) is widened twice and (b) once.
  private static let candidates: [IndexDefinition] = (0..<6).flatMap { table -> [IndexDefinition] in
    func index(_ keys: [String], _ included: [String] = []) -> IndexDefinition {
      IndexDefinition(
        table: UInt32(table), schema: "public", tableName: "t\(table)", keys: keys.map { .init($0) }, included: included
      )
    }
    return [index(["a"]), index(["a", "b"]), index(["a"], ["c"]), index(["b"]), index(["b", "a"])]
  }
  private static let narrow = IndexSet((0..<6).flatMap { [$0 * 5, $0 * 5 + 3] })

  private static func problem(_ relevant: [IndexSet], loads: [Double]) -> SearchProblem {
    SearchProblem(
      candidates: candidates, sizes: candidates.map { Int64($0.columns.count) * 1_000_000 },
      writeLoads: candidates.map { _ in 0 }, loads: loads, baseCosts: loads, relevant: relevant,
      tableBytes: Dictionary(uniqueKeysWithValues: (0..<6).map { (UInt32($0), 50_000_000) }))
  }

  @Test func aWideJoinIsShownWhatBeginsItsFamilies() {
    let all = IndexSet(Self.candidates.indices)
    let few = IndexSet(0..<20)
    let views = Views(of: Self.problem([all, few], loads: [10, 10]))
    #expect(views.isStaged == [true, false])
    #expect(views.first == [Self.narrow, few])
    #expect(views.narrow[1] == Self.narrow.intersection(few))
    // What begins like an index that was used, and nothing of other tables.
    #expect(views.families(of: IndexSet([5]), for: 0) == Self.narrow.union(IndexSet([6, 7])))
  }

  @Test func underABudgetAStatementIsShownWhatFitsOfWhatMostLoadAsksFor() {
    let views = Views(of: Self.problem([IndexSet(0..<20), IndexSet([18])], loads: [10, 5]))
    #expect(views.narrow(for: 0, within: 8_000_000) == Self.narrow.intersection(IndexSet(0..<20)))
    // Both ask for (b) of the fourth table; the others are as much in demand as each other.
    #expect(views.narrow(for: 0, within: 3_999_999) == IndexSet([0, 3, 18]))
    #expect(views.narrow(for: 0, within: 999_999).isEmpty)
  }

  @Test func theSecondQuestionShowsWhatTheFirstOneHid() async throws {
    let all = IndexSet(Self.candidates.indices)
    // The best plan needs a wide index whose family the narrow plan uses.
    let plans: [[(needs: IndexSet, cost: Double)]] = [
      [(IndexSet(), 1_000), (IndexSet([0, 5]), 400), (IndexSet([1, 5]), 100), (IndexSet([0]), 700)]
    ]
    let problem = Self.problem([all], loads: [1_000])
    let table = PriceTable(plans: plans, bytes: problem.sizes)
    var settings = SearchSettings(storageBudget: 100_000_000)
    settings.minimumShare = 0
    let prices = RememberedPrices(
      table, relevant: problem.relevant, base: [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])])
    let ledger = try await Ledger(for: problem, settings: settings, prices: prices, until: Patience()).opened()
    #expect(ledger.lowestLoad == [100])
    #expect(table.callCount == 2)
    // A trifle is not varied: smaller than a hundredth of the smallest budget.
    settings.otherBudgets = [200_000_000, 150_000_000]
    #expect(!ledger.isTrifle(0))
    settings.storageBudget = 400_000_000
    settings.otherBudgets = []
    let richer = try await Ledger(for: problem, settings: settings, prices: prices, until: Patience()).opened()
    #expect(richer.isTrifle(0))
  }

  @Test func whatOthersHaveARightToIsNotAsked() async throws {
    let all = IndexSet(Self.candidates.indices)
    let problem = Self.problem([all], loads: [1_000])
    let table = PriceTable(plans: [[(IndexSet(), 1_000), (IndexSet([0, 1]), 100)]], bytes: problem.sizes)
    let prices = RememberedPrices(
      table, relevant: problem.relevant, base: [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])])
    var ledger = Ledger(
      for: problem, settings: SearchSettings(storageBudget: 100_000_000), prices: prices, until: Patience())
    #expect(await ledger.mayExplore())
    // Two in a hundred of the questions for each of at least so many statements.
    await ledger.allow(percent: 2)
    let own = Thoroughness.questions * Thoroughness.fewStatements * 2 / 100
    for member in 2..<2 + own {
      #expect(await ledger.mayExplore())
      _ = try await prices.prices([PriceRequest(query: 0, indexes: IndexSet([member]))])
    }
    #expect(table.callCount == own)
    #expect(await !ledger.mayExplore())
    #expect(await ledger.mayExplore(upTo: 100))
    await ledger.allow(percent: 100)
    #expect(await ledger.mayExplore())
  }
}
