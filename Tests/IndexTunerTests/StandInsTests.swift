// Plans that follow from known ones because another index can do the work.

import Testing

@testable import IndexTuner

@Suite struct StandInsTests {
  /// The first statement was seen to use `(a, b)`, the second `(a)`.
  private func known(isSmall: Bool) async throws -> [[IndexSet: Double]] {
    let candidates = [["a"], ["a", "b"], ["b"]].map { keys in
      IndexDefinition(table: 1, schema: "public", tableName: "t", keys: keys.map { .init($0) })
    }
    let all = IndexSet([0, 1, 2])
    let problem = SearchProblem(
      candidates: candidates, sizes: [10, 20, 10], writeLoads: [0, 0, 0], loads: [100, 100], baseCosts: [100, 100],
      relevant: [all, all], close: [all, all], tableBytes: [1: 1_000_000])
    let plans: [(needs: IndexSet, cost: Double)] = [(IndexSet(), 100), (IndexSet([0]), 10), (IndexSet([1]), 10)]
    let prices = RememberedPrices(
      PriceTable(plans: [plans, plans], bytes: problem.sizes), relevant: problem.relevant,
      base: Array(repeating: Price(cost: 100, used: IndexSet(), variantCosts: [100]), count: 2))
    _ = try await prices.prices([
      PriceRequest(query: 0, indexes: IndexSet([1])), PriceRequest(query: 1, indexes: IndexSet([0])),
    ])
    return await prices.knownPlans(deriving: StandIns(for: problem) { _ in isSmall }).map { own in
      Dictionary(uniqueKeysWithValues: own.map { ($0.used, $0.cost) })
    }
  }

  @Test func aWiderIndexDoesTheWorkForALittleMore() async throws {
    let known = try await known(isSmall: false)
    #expect(known[1][IndexSet([0])] == 10)
    let cost = try #require(known[1][IndexSet([1])])
    #expect(cost > 10 && cost < 11)
    #expect(known[1][IndexSet([2])] == nil)
  }

  @Test func aNarrowerOneDoesItOnlyWhereBothAreSmall() async throws {
    let small = try await known(isSmall: true)
    let large = try await known(isSmall: false)
    let cost = try #require(small[0][IndexSet([0])])
    #expect(cost > 10 && cost < 12)
    #expect(large[0][IndexSet([0])] == nil)
    #expect(small[0][IndexSet([2])] == nil)
  }
}
