// The default search on price tables: valid at every moment, near the best, and the same each time.

import IndexTuner
import Synchronization
import Testing

@Suite struct PlanChoiceTests {
  private func settings(seed: UInt64, open: Bool = false) -> SearchSettings {
    var numbers = SeededNumbers(seed: seed &+ 1_000)
    var settings = SearchSettings()
    settings.storageBudget = Int64.random(in: 0...100_000_000, using: &numbers)
    settings.otherBudgets = [10_000_000, 60_000_000]
    settings.exchangeRate = open ? 0 : Double.random(in: 0...3, using: &numbers)
    settings.minimumImprovement = open ? 0 : Double.random(in: 0...0.5, using: &numbers)
    if open { settings.minimumShare = 0 }
    return settings
  }

  private func isValid(
    _ outcome: SearchOutcome, _ scene: SearchScene, _ settings: SearchSettings, _ comment: Comment
  ) {
    #expect(scene.bytes(of: outcome.chosen) <= settings.storageBudget ?? .max, comment)
    #expect(Set(outcome.chosen).count == outcome.chosen.count, comment)
    #expect(outcome.chosen.count <= settings.maximumIndexes, comment)
    let none = scene.load(with: IndexSet())
    #expect(scene.load(with: IndexSet(outcome.chosen)) <= none * (1 + 1e-12), comment)
    for query in scene.problem.loads.indices {
      let after = scene.table.price(query, IndexSet(outcome.chosen)).cost
      #expect(after <= scene.problem.baseCosts[query] * (1 + 1e-6), comment)
    }
    for other in outcome.others {
      #expect(scene.bytes(of: other.chosen) <= other.budget, comment)
      #expect(scene.load(with: IndexSet(other.chosen)) <= none * (1 + 1e-12), comment)
    }
    for point in outcome.path { #expect(point.relativeLoad <= 1 + 1e-9, comment) }
    isSteady(outcome, scene, settings, comment)
  }

  /// Points of one budget keep to it and get better question by question; the last one is the answer.
  private func isSteady(
    _ outcome: SearchOutcome, _ scene: SearchScene, _ settings: SearchSettings, _ comment: Comment
  ) {
    let budgets = [settings.storageBudget] + settings.otherBudgets.map { $0 as Int64? }
    for (budget, chosen) in zip(budgets, [outcome.chosen] + outcome.others.map(\.chosen)) {
      let points = outcome.convergence.filter { $0.budget == budget }
      for (one, next) in zip(points, points.dropFirst()) {
        #expect(one.planningCalls <= next.planningCalls, comment)
        #expect(next.found.relativeLoad < one.found.relativeLoad || next == points.last, comment)
      }
      for point in points { #expect(point.found.bytes <= budget ?? .max, comment) }
      #expect(points.last?.found.indexCount ?? 0 == chosen.count, comment)
      #expect(points.last?.found.bytes ?? 0 == scene.bytes(of: chosen), comment)
    }
  }

  @Test(arguments: (0..<90).map { UInt64($0) })
  func budgetHoldsAndNothingGetsDearer(seed: UInt64) async throws {
    let scene = SearchScene(seed: seed, hasWrites: seed % 3 == 0)
    let settings = settings(seed: seed)
    let outcome = try await scene.search(settings)
    isValid(outcome, scene, settings, "seed \(seed)")
    #expect(outcome.others.count == 2, "seed \(seed)")
    // Whatever was chosen earns its keep: without it the workload is dearer.
    let chosen = IndexSet(outcome.chosen)
    for member in outcome.chosen {
      #expect(scene.load(with: chosen.removing(member)) > scene.load(with: chosen), "seed \(seed), index \(member)")
    }
  }

  @Test(arguments: (0..<60).map { UInt64($0) })
  func withoutThresholdsItIsNearTheBest(seed: UInt64) async throws {
    let scene = SearchScene(seed: seed, candidates: 1...10, hasWrites: seed % 2 == 0)
    let settings = settings(seed: seed, open: true)
    let outcome = try await scene.search(settings)
    let best = scene.bestLoad(within: settings.storageBudget ?? 0)
    #expect(scene.load(with: IndexSet(outcome.chosen)) <= best * 1.02, "seed \(seed)")
  }

  @Test(arguments: (0..<20).map { UInt64($0) })
  func theSameInputGivesTheSameAnswer(seed: UInt64) async throws {
    // A table counts its calls.
    func scene() -> SearchScene { SearchScene(seed: seed, candidates: 8...14, queries: 4...10) }
    let settings = settings(seed: seed)
    let first = try await scene().search(settings)
    let second = try await scene().search(settings)
    #expect(first == second, "seed \(seed)")
  }

  @Test(arguments: (0..<60).map { UInt64($0) })
  func stoppedAtAnyCallItAnswersWithSomethingValid(seed: UInt64) async throws {
    let scene = SearchScene(seed: seed, candidates: 6...14, queries: 3...8)
    let settings = settings(seed: seed, open: true)
    let stop = StopSignal()
    let base = scene.problem.baseCosts.map { Price(cost: $0, used: IndexSet(), variantCosts: [$0]) }
    let model = StoppingModel(scene.table, after: Int(seed % 40), stop)
    let outcome = try await PlanChoice().choose(
      for: scene.problem, within: settings,
      pricedBy: RememberedPrices(model, relevant: scene.problem.relevant, base: base), until: Patience(stop: stop),
      reporting: { _ in })
    isValid(outcome, scene, settings, "seed \(seed)")
    if stop.isRaised { #expect(outcome.ending == .interrupted, "seed \(seed)") }
    // A proof takes time as well.
    #expect((outcome.lowerBound == nil) == stop.isRaised, "seed \(seed)")
  }

  @Test func afterTwoCallsAStatementThereIsAnAnswer() async throws {
    let scene = SearchScene(seed: 3, candidates: 10...10, queries: 6...6)
    let stop = StopSignal()
    let base = scene.problem.baseCosts.map { Price(cost: $0, used: IndexSet(), variantCosts: [$0]) }
    var settings = SearchSettings()
    settings.exchangeRate = 0
    let model = StoppingModel(scene.table, after: scene.problem.loads.count, stop)
    let outcome = try await PlanChoice().choose(
      for: scene.problem, within: settings,
      pricedBy: RememberedPrices(model, relevant: scene.problem.relevant, base: base), until: Patience(stop: stop),
      reporting: { _ in })
    #expect(!outcome.chosen.isEmpty)
    #expect(outcome.convergence.first.map { $0.planningCalls <= scene.problem.loads.count } == true)
    #expect(scene.load(with: IndexSet(outcome.chosen)) < scene.load(with: IndexSet()) * 0.9)
  }

  /// The best plan takes a wide index that does not fit; whoever asks for that first has no answer yet.
  @Test func underABudgetNarrowIndexesAreAskedAboutFirst() async throws {
    let table = PriceTable(
      plans: [[(IndexSet(), 1_000), (IndexSet([0]), 20), (IndexSet([1]), 5)]], bytes: [10_000_000, 400_000_000])
    let problem = SearchProblem(
      candidates: [["a"], ["a", "b"]].map { columns in
        IndexDefinition(table: 0, schema: "public", tableName: "t", keys: columns.map { .init($0) })
      }, sizes: table.bytes, writeLoads: [0, 0], loads: [1_000], baseCosts: [1_000], relevant: [IndexSet([0, 1])],
      tableBytes: [0: 100_000_000])
    let base = Price(cost: 1_000, used: IndexSet(), variantCosts: [1_000])
    let stop = StopSignal()
    let outcome = try await PlanChoice().choose(
      for: problem, within: SearchSettings(storageBudget: 50_000_000),
      pricedBy: RememberedPrices(StoppingModel(table, after: 1, stop), relevant: problem.relevant, base: [base]),
      until: Patience(stop: stop), reporting: { _ in })
    #expect(outcome.chosen == [0] && table.callCount == 1)
  }
}

/// A price table that raises the stop signal after some answers.
private struct StoppingModel: CostModel {
  let table: PriceTable
  let limit: Int
  let stop: StopSignal
  var planningCalls: Int { table.planningCalls }

  init(_ table: PriceTable, after limit: Int, _ stop: StopSignal) {
    self.table = table
    self.limit = limit
    self.stop = stop
  }

  func prices(_ requests: [PriceRequest], until patience: Patience) async throws(TuningError) -> [Price?] {
    var answers: [Price?] = []
    for request in requests {
      answers += try await table.prices([request], until: patience)
      if table.callCount >= limit { stop.raise() }
    }
    return answers
  }

  func sizes() async throws(TuningError) -> [Result<Int64, CandidateRefusal>] { try await table.sizes() }
}
