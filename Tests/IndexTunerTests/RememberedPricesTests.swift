// Derived prices must be the prices that would have been asked.

import IndexTuner
import Testing

@Suite struct RememberedPricesTests {
  @Test(arguments: (0..<100).map { UInt64($0) })
  func derivedPricesAreExact(seed: UInt64) async throws {
    var numbers = SeededNumbers(seed: seed)
    let plans: [(needs: IndexSet, cost: Double)] =
      [(IndexSet(), 1_000)]
      + (0..<6).map { _ in
        (
          IndexSet((0..<2).map { _ in Int.random(in: 0..<6, using: &numbers) }),
          Double.random(in: 1...999, using: &numbers)
        )
      }
    let table = PriceTable(plans: [plans], bytes: Array(repeating: 1, count: 6))
    let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
    let prices = RememberedPrices(table, relevant: [IndexSet(0..<6)], base: base)
    for _ in 0..<60 {
      let configuration = IndexSet((0..<6).filter { _ in Bool.random(using: &numbers) })
      let bound = await prices.upperBound(of: 0, with: configuration)
      let answer = try await prices.prices([PriceRequest(query: 0, indexes: configuration)])
      #expect(answer[0]?.cost == table.price(0, configuration).cost, "seed \(seed)")
      #expect(bound.map { $0 >= table.price(0, configuration).cost } ?? true, "seed \(seed)")
    }
    #expect(await prices.rememberedCount > 0, "seed \(seed)")
    #expect(await prices.askedCount + prices.rememberedCount == 60, "seed \(seed)")
    #expect(table.callCount < 60, "seed \(seed)")
  }

  @Test(arguments: (0..<100).map { UInt64($0) })
  func nearPricesAreAsNearAsWanted(seed: UInt64) async throws {
    var numbers = SeededNumbers(seed: seed)
    let plans: [(needs: IndexSet, cost: Double)] =
      [(IndexSet(), 1_000)]
      + (0..<12).map { _ in
        (
          IndexSet((0..<2).map { _ in Int.random(in: 0..<6, using: &numbers) }),
          Double.random(in: 1...999, using: &numbers)
        )
      }
    let table = PriceTable(plans: [plans], bytes: Array(repeating: 1, count: 6))
    let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
    let prices = RememberedPrices(table, relevant: [IndexSet(0..<6)], base: base)
    let floor = table.price(0, IndexSet(0..<6)).cost * Double.random(in: 0...1, using: &numbers)
    let difference = Double.random(in: 0...100, using: &numbers)
    let tolerance = PriceTolerance(lowest: [floor], difference: [difference])
    for _ in 0..<60 {
      let configuration = IndexSet((0..<6).filter { _ in Bool.random(using: &numbers) })
      let truth = table.price(0, configuration).cost
      let request = PriceRequest(query: 0, indexes: configuration)
      let near = try #require(try await prices.prices([request], within: tolerance)[0])
      #expect(near.cost >= truth && near.cost <= truth + difference, "seed \(seed)")
      #expect(near.used.isSubset(of: configuration), "seed \(seed)")
      // Whoever wants the price itself still gets it.
      if Bool.random(using: &numbers) {
        #expect(try await prices.prices([request])[0]?.cost == truth, "seed \(seed)")
      }
    }
  }

  @Test func whatIsNearEnoughIsNotAsked() async throws {
    let table = PriceTable(
      plans: [[(IndexSet(), 1_000), (IndexSet([0]), 12), (IndexSet([0, 1]), 11)]], bytes: [1, 1])
    let base = [Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])]
    let prices = RememberedPrices(table, relevant: [IndexSet(0..<2)], base: base)
    _ = try await prices.prices([PriceRequest(query: 0, indexes: IndexSet([0]))])
    let request = PriceRequest(query: 0, indexes: IndexSet([0, 1]))
    let tolerance = PriceTolerance(lowest: [10], difference: [5])
    #expect(try await prices.prices([request], within: tolerance)[0]?.cost == 12)
    #expect(table.callCount == 1)
    #expect(try await prices.prices([request])[0]?.cost == 11)
    #expect(table.callCount == 2)
  }

  @Test func equalRequestsInOneBatchAreAskedOnce() async throws {
    let table = PriceTable(plans: [[(IndexSet(), 10)]], bytes: [1])
    let base = [Price(cost: 10, used: IndexSet([0]), variantCosts: [10])]
    let prices = RememberedPrices(table, relevant: [IndexSet([0])], base: base)
    let request = PriceRequest(query: 0, indexes: IndexSet([0]))
    let answers = try await prices.prices([request, request])
    #expect(answers.compactMap { $0 }.count == 2)
    #expect(table.callCount == 1)
  }
}
