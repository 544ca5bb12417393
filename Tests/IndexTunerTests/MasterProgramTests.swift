// Branch and bound against trying everything, and bounds that hold.

import Testing

@testable import IndexTuner

@Suite struct MasterProgramTests {
  private func program(_ scene: SearchScene, within budget: Int64?, atMost count: Int = 100) -> MasterProgram {
    MasterProgram(
      plans: scene.table.plans.map { own in own.map { (needs: $0.needs, load: $0.cost) } },
      bytes: { scene.problem.sizes[$0] }, upkeep: { scene.problem.writeLoads[$0] }, budget: budget,
      maximumIndexes: count)
  }

  @Test(arguments: (0..<120).map { UInt64($0) })
  func findsTheBestChoiceAndProvesIt(seed: UInt64) {
    let scene = SearchScene(seed: seed, candidates: 1...10, hasWrites: seed % 2 == 0)
    var numbers = SeededNumbers(seed: seed &+ 77)
    let budget = Int64.random(in: 0...150_000_000, using: &numbers)
    let program = program(scene, within: budget)
    let solution = BranchAndBound(program, nodes: 10_000).solution()
    let best = scene.bestLoad(within: budget)
    #expect(solution.selection.load <= best * (1 + 2e-4), "seed \(seed)")
    #expect(solution.selection.load >= best * (1 - 1e-9), "seed \(seed)")
    #expect(solution.bound <= best * (1 + 1e-9), "seed \(seed)")
    #expect(solution.selection.bytes <= Double(budget), "seed \(seed)")
    let configuration = solution.selection.configuration(in: program)
    #expect(abs(scene.load(with: configuration) - solution.selection.load) <= best * 1e-9, "seed \(seed)")
  }

  @Test(arguments: (0..<40).map { UInt64($0) })
  func withoutANodeToSpendTheAnswerIsValidAndTheBoundHolds(seed: UInt64) {
    let scene = SearchScene(seed: seed, candidates: 8...12, queries: 6...12, hasWrites: true)
    let program = program(scene, within: 60_000_000, atMost: 3)
    let solution = BranchAndBound(program, nodes: 0).solution(startingFrom: [IndexSet(0..<8)])
    #expect(solution.selection.fits(program), "seed \(seed)")
    #expect(solution.selection.load <= scene.load(with: IndexSet()) * (1 + 1e-9), "seed \(seed)")
    #expect(solution.bound <= solution.selection.load, "seed \(seed)")
    #expect(
      solution.bound <= scene.bestLoad(within: 60_000_000) * (1 + 1e-9) || solution.bound == solution.selection.load)
  }

  @Test func aPlanThatNeedsMoreThanACheaperOneIsLeftOut() {
    let program = MasterProgram(
      plans: [[(IndexSet(), 100), (IndexSet([1]), 10), (IndexSet([1, 2]), 20), (IndexSet([2]), 50)]],
      bytes: { _ in 1 }, upkeep: { _ in 0 }, budget: nil, maximumIndexes: 100)
    #expect(program.planLoad == [10, 50, 100])
    #expect(program.candidates == [1, 2])
  }
}
