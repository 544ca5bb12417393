// The search on price tables: what must hold whatever the prices are, and the scenes that greedy searches trip over.

import IndexTuner
import Testing

@Suite struct GreedyAnytimeTests {
  @Test(arguments: (0..<300).map { UInt64($0) })
  func budgetHoldsAndNothingGetsDearer(seed: UInt64) async throws {
    let scene = SearchScene(seed: seed)
    var numbers = SeededNumbers(seed: seed &+ 1_000)
    var settings = SearchSettings()
    settings.storageBudget = Int64.random(in: 0...100_000_000, using: &numbers)
    settings.exchangeRate = Double.random(in: 0...3, using: &numbers)
    settings.minimumImprovement = Double.random(in: 0...0.5, using: &numbers)
    let outcome = try await scene.search(settings, by: GreedyAnytime())
    let bytes = outcome.chosen.reduce(0) { $0 + scene.problem.sizes[$1] }
    #expect(bytes <= settings.storageBudget ?? 0, "seed \(seed)")
    #expect(Set(outcome.chosen).count == outcome.chosen.count, "seed \(seed)")
    let queries = 0..<scene.problem.loads.count
    let before = scene.table.cost(of: queries, with: IndexSet())
    let after = scene.table.cost(of: queries, with: IndexSet(outcome.chosen))
    #expect(after <= before * (1 + 1e-12), "seed \(seed)")
    for point in outcome.path { #expect(point.bytes <= settings.storageBudget ?? 0, "seed \(seed)") }
    // Whatever was chosen earns its keep: without it the workload is dearer.
    for member in outcome.chosen {
      let without = scene.table.cost(of: queries, with: IndexSet(outcome.chosen).removing(member))
      #expect(without > after, "seed \(seed), index \(member)")
    }
  }

  @Test(arguments: (0..<60).map { UInt64($0) })
  func aLargerBudgetIsNeverFilledWithLessUseThanItCosts(seed: UInt64) async throws {
    let scene = SearchScene(seed: seed)
    var settings = SearchSettings()
    settings.exchangeRate = 0
    settings.minimumImprovement = 0
    settings.minimumShare = 0
    settings.storageBudget = nil
    let outcome = try await scene.search(settings, by: GreedyAnytime())
    // With every threshold off no single candidate is left that would still help.
    let chosen = IndexSet(outcome.chosen)
    let queries = 0..<scene.problem.loads.count
    let reached = scene.table.cost(of: queries, with: chosen)
    for candidate in scene.problem.candidates.indices {
      let more = scene.table.cost(of: queries, with: chosen.adding(candidate))
      #expect(more >= reached * 0.99, "seed \(seed), candidate \(candidate)")
    }
  }

  @Test func twoIndexesThatOnlyPayTogetherAreFound() async throws {
    let both = IndexSet([0, 1])
    let table = PriceTable(plans: [[(IndexSet(), 1_000), (both, 10)]], bytes: [8_192, 8_192])
    let problem = SearchProblem(
      candidates: [
        IndexDefinition(table: 1, schema: "public", tableName: "a", keys: [.init("x")]),
        IndexDefinition(table: 2, schema: "public", tableName: "b", keys: [.init("y")]),
      ], sizes: [8_192, 8_192], writeLoads: [0, 0], loads: [1_000], baseCosts: [1_000], relevant: [both],
      tableBytes: [1: 10_000_000, 2: 10_000_000])
    let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
    let prices = RememberedPrices(table, relevant: [both], base: base)
    let outcome = try await GreedyAnytime().choose(
      for: problem, within: SearchSettings(), pricedBy: prices, until: Patience(), reporting: { _ in })
    #expect(Set(outcome.chosen) == [0, 1])
    #expect(outcome.ending == .complete)
  }

  @Test func anIndexThatWritesPayTooMuchForIsLeftOut() async throws {
    let only = IndexSet([0])
    let table = PriceTable(plans: [[(IndexSet(), 1_000), (only, 100)]], bytes: [8_192])
    func outcome(writeLoad: Double) async throws -> SearchOutcome {
      let problem = SearchProblem(
        candidates: [IndexDefinition(table: 1, schema: "public", tableName: "a", keys: [.init("x")])],
        sizes: [8_192], writeLoads: [writeLoad], loads: [1_000], baseCosts: [1_000], relevant: [only],
        tableBytes: [1: 10_000_000])
      let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
      return try await GreedyAnytime().choose(
        for: problem, within: SearchSettings(),
        pricedBy: RememberedPrices(table, relevant: [only], base: base), until: Patience(), reporting: { _ in })
    }
    #expect(try await outcome(writeLoad: 899).chosen == [0])
    #expect(try await outcome(writeLoad: 901).chosen.isEmpty)
  }

  @Test func theExchangeRateWeighsSpaceAgainstTime() async throws {
    let only = IndexSet([0])
    // Ten times faster for a table that doubles: log 10 against twice log 2.
    let table = PriceTable(plans: [[(IndexSet(), 1_000), (only, 100)]], bytes: [1_000_000])
    func chosen(rate: Double) async throws -> [Int] {
      let problem = SearchProblem(
        candidates: [IndexDefinition(table: 1, schema: "public", tableName: "a", keys: [.init("x")])],
        sizes: [1_000_000], writeLoads: [0], loads: [1_000], baseCosts: [1_000], relevant: [only],
        tableBytes: [1: 1_000_000])
      var settings = SearchSettings()
      settings.exchangeRate = rate
      let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
      return try await GreedyAnytime().choose(
        for: problem, within: settings, pricedBy: RememberedPrices(table, relevant: [only], base: base),
        until: Patience(), reporting: { _ in }
      ).chosen
    }
    #expect(try await chosen(rate: 2) == [0])
    #expect(try await chosen(rate: 3.3) == [0])
    #expect(try await chosen(rate: 3.4) == [])
  }

  @Test func aRaisedStopSignalEndsWithoutAsking() async throws {
    let scene = SearchScene(seed: 4)
    let stop = StopSignal()
    stop.raise()
    let outcome = try await scene.search(SearchSettings(), by: GreedyAnytime(), until: Patience(stop: stop))
    #expect(outcome.ending == .interrupted)
    #expect(scene.table.callCount == 0)
    #expect(outcome.chosen.isEmpty)
  }
}
