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
  func findsTheBestChoiceAndProvesIt(seed: UInt64) async {
    let scene = SearchScene(seed: seed, candidates: 1...10, hasWrites: seed % 2 == 0)
    var numbers = SeededNumbers(seed: seed &+ 77)
    let budget = Int64.random(in: 0...150_000_000, using: &numbers)
    let program = program(scene, within: budget)
    var effort = SolvingEffort.answering
    (effort.nodes, effort.tolerance) = (10_000, 1e-4)
    let solution = await BranchAndBound(program, effort).solution()
    let best = scene.bestLoad(within: budget)
    #expect(solution.selection.load <= best * (1 + 2e-4), "seed \(seed)")
    #expect(solution.selection.load >= best * (1 - 1e-9), "seed \(seed)")
    #expect(solution.bound <= best * (1 + 1e-9), "seed \(seed)")
    #expect(solution.selection.bytes <= Double(budget), "seed \(seed)")
    let configuration = solution.selection.configuration(in: program)
    #expect(abs(scene.load(with: configuration) - solution.selection.load) <= best * 1e-9, "seed \(seed)")
  }

  @Test(arguments: (0..<40).map { UInt64($0) })
  func withoutANodeToSpendTheAnswerIsValidAndTheBoundHolds(seed: UInt64) async {
    let scene = SearchScene(seed: seed, candidates: 8...12, queries: 6...12, hasWrites: true)
    let program = program(scene, within: 60_000_000, atMost: 3)
    let solution = await BranchAndBound(program, .drawing).solution(startingFrom: [IndexSet(0..<8)])
    #expect(solution.selection.fits(program), "seed \(seed)")
    #expect(solution.selection.load <= scene.load(with: IndexSet()) * (1 + 1e-9), "seed \(seed)")
    let best = scene.bestLoad(within: 60_000_000, atMost: 3)
    #expect(solution.bound <= solution.selection.load, "seed \(seed)")
    #expect(solution.bound <= best * (1 + 1e-9), "seed \(seed)")
  }

  @Test(arguments: (0..<40).map { UInt64($0) })
  func whatIsGivenUpWithinTheToleranceIsInTheBound(seed: UInt64) async {
    let scene = SearchScene(seed: seed, candidates: 8...12, queries: 6...12, hasWrites: true)
    let program = program(scene, within: 60_000_000)
    var effort = SolvingEffort.exploring(9)
    (effort.nodes, effort.tolerance) = (10_000, 0.2)
    let solution = await BranchAndBound(program, effort).solution()
    let best = scene.bestLoad(within: 60_000_000)
    #expect(solution.selection.load <= best * 1.25 * (1 + 1e-9), "seed \(seed)")
    #expect(solution.bound <= best * (1 + 1e-9), "seed \(seed)")
    #expect(solution.bound >= solution.selection.load * 0.8 * (1 - 1e-9), "seed \(seed)")
  }

  /// Sets of a statement's slots take one word, or several.
  @Test(arguments: [5, 64, 65, 200])
  func aSelectionIsWhatItsPlansSay(candidates: Int) {
    var numbers = SeededNumbers(seed: UInt64(candidates))
    let plans = (0..<3).map { query in
      (0..<150).map { number in
        (
          needs: IndexSet(
            (0..<(number == 0 ? 0 : query + 1)).map { _ in Int.random(in: 0..<candidates, using: &numbers) }),
          load: number == 0 ? 1_000 : Double.random(in: 1...900, using: &numbers)
        )
      }
    }
    let program = MasterProgram(
      plans: plans, bytes: { Int64($0 + 1) }, upkeep: { Double($0) }, budget: nil, maximumIndexes: 1_000)
    func load(with built: IndexSet) -> Double {
      let indexes = program.candidates.indices.filter { built.contains(program.candidates[$0]) }
      return indexes.reduce(0) { $0 + program.upkeep[$1] }
        + plans.reduce(0) { sum, own in
          sum + (own.filter { $0.needs.isSubset(of: built) }.map(\.load).min() ?? .infinity)
        }
    }
    var selection = MasterSelection(in: program)
    var one = OneMore(program)
    for step in 0..<300 {
      let index = Int.random(in: 0..<program.indexCount, using: &numbers)
      let before = selection
      let slots = program.slotsNeeding[program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1]]
      let other = Int.random(in: 0..<program.indexCount, using: &numbers)
      for bundle in [[index], [index, other]] where bundle.allSatisfy({ !selection.built[$0] }) {
        expectSaved(by: Array(Set(bundle)).sorted(), selection, program, &one)
      }
      selection.toggle([index], in: program)
      #expect(abs(selection.load - load(with: selection.configuration(in: program))) < 1e-6, "step \(step)")
      let change = selection.load - before.load
      if selection.built[index] {
        var news = [Int](repeating: .max, count: program.queryCount)
        for slot in slots {
          news[slot.query] = selection.serving[slot.query] == before.serving[slot.query] ? slot.cheapest : 0
        }
        let standingIn = before.losses(in: program).standingIn
        #expect(
          selection.members.allSatisfy {
            selection.loss(of: $0, in: program, standingIn: standingIn, news: news)
              == selection.loss(of: $0, in: program)
          }, "step \(step)")
      } else {
        #expect(abs(before.loss(of: index, in: program) - change) < 1e-6, "step \(step)")
        #expect(abs(before.losses(in: program).losses[index] - change) < 1e-6, "step \(step)")
      }
    }
  }

  private func expectSaved(
    by bundle: [Int], _ selection: MasterSelection, _ program: MasterProgram, _ one: inout OneMore
  ) {
    var shared: [Int: SharedBits] = [:]
    for index in bundle {
      for slot in program.slotsNeeding[program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1]] {
        if shared[slot.word]?.add(slot) == nil { shared[slot.word] = SharedBits(slot) }
      }
    }
    let slots = shared.sorted { $0.key < $1.key }.map(\.value)
    var served: [(query: Int, plan: Int)] = []
    let saved = selection.saved(byBuilding: slots.indices, of: slots, in: program, &one, &served)
    var after = selection
    after.toggle(bundle, in: program)
    let upkeep = bundle.reduce(0) { $0 + program.upkeep[$1] }
    #expect(abs(after.load - selection.load - upkeep + saved) < 1e-6, "\(bundle)")
    let changed = selection.serving.indices.filter { selection.serving[$0] != after.serving[$0] }
    #expect(served.map(\.query) == changed && served.map(\.plan) == changed.map { selection.serving[$0] })
  }

  @Test func aPlanThatNeedsMoreThanACheaperOneIsLeftOut() {
    let program = MasterProgram(
      plans: [[(IndexSet(), 100), (IndexSet([1]), 10), (IndexSet([1, 2]), 20), (IndexSet([2]), 50)]],
      bytes: { _ in 1 }, upkeep: { _ in 0 }, budget: nil, maximumIndexes: 100)
    #expect(program.planLoad == [10, 50, 100])
    #expect(program.candidates == [1, 2])
  }
}
