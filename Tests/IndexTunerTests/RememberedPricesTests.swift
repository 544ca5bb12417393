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
