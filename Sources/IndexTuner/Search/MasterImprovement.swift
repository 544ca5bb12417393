// Better choices of plans by small steps: add what a plan lacks, drop what is least missed, swap.

/// Local search over a master program; the order of the steps is fixed.
struct MasterImprovement {
  private let program: MasterProgram
  /// What plans need, without repeats: the steps that can be taken. Of step n: `members[first[n] ..< first[n + 1]]`.
  private let members: [Int]
  private let first: [Int]
  /// The slots of each step by statement, likewise.
  private let slots: [SlotBits]
  private let firstSlot: [Int]

  init(_ program: MasterProgram) {
    self.program = program
    var seen: Set<[Int]> = []
    var found: [(gain: Double, members: [Int])] = []
    for query in 0..<program.queryCount {
      let base = program.planLoad[program.firstPlan[query + 1] - 1]
      for plan in program.firstPlan[query]..<program.firstPlan[query + 1] - 1 {
        let members = program.members(of: plan).sorted()
        if seen.insert(members).inserted { found.append((base - program.planLoad[plan], members)) }
      }
    }
    let bundles = found.sorted { left, right in
      left.gain != right.gain ? left.gain > right.gain : left.members.lexicographicallyPrecedes(right.members)
    }.map(\.members)
    members = Array(bundles.joined())
    first = bundles.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    var (slots, firstSlot) = ([SlotBits](), [0])
    var place = [Int](repeating: -1, count: program.firstWord[program.queryCount])
    for bundle in bundles {
      // What several indexes have in one word is put together.
      let begin = slots.count
      for index in bundle {
        for slot in program.slotsNeeding[program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1]] {
          if place[slot.word] >= begin {
            let other = place[slot.word]
            slots[other].bits |= slot.bits
            slots[other].cheapest = min(slots[other].cheapest, slot.cheapest)
          } else {
            place[slot.word] = slots.count
            slots.append(slot)
          }
        }
      }
      if bundle.count > 1 { slots[begin...].sort { $0.word < $1.word } }
      for other in begin..<slots.count { place[slots[other].word] = -1 }
      firstSlot.append(slots.count)
    }
    (self.slots, self.firstSlot) = (slots, firstSlot)
  }

  func selection(of configuration: IndexSet) -> MasterSelection {
    var selection = MasterSelection(in: program)
    selection.toggle(program.candidates.indices.filter { configuration.contains(program.candidates[$0]) }, in: program)
    return cutBack(selection)
  }

  /// Drops what is least missed a byte until the rest fits.
  func cutBack(_ start: MasterSelection) -> MasterSelection {
    var selection = start
    while !selection.fits(program), let victim = Losses.least(of: selection, in: program) {
      selection.drop(victim, in: program)
    }
    return selection
  }

  /// The best that single steps reach from each start; on as many cores as there are.
  func improved(_ starts: [MasterSelection]) async -> [MasterSelection] {
    await withTaskGroup(of: (place: Int, selection: MasterSelection).self) { group in
      for (place, start) in starts.enumerated() { group.addTask { (place, improved(start)) } }
      return await group.reduce(into: starts) { $0[$1.place] = $1.selection }
    }
  }

  /// The best that single steps reach.
  func improved(_ start: MasterSelection) -> MasterSelection {
    var best = start
    dropIdle(from: &best)
    var work = Work(program)
    let count = first.count - 1
    var failed = 0
    for _ in 0..<Self.passes {
      let before = best.load
      var losses = Losses(of: best, in: program)
      for bundle in 0..<count {
        // Every step has come to nothing on just this choice.
        if failed == count { return best }
        guard add(bundle, to: &best, losses, &work) else {
          failed += 1
          continue
        }
        failed = 0
        dropIdle(from: &best)
        losses = Losses(of: best, in: program)
      }
      guard best.load < before * (1 - 1e-9) else { break }
    }
    return best
  }

  private static let passes = 12

  /// What a step notes down; kept from one to the next, for most come to nothing.
  private struct Work {
    var missing: [Int] = []
    /// Statements that may be served otherwise, and the plans that serve them.
    var served: [(query: Int, plan: Int)] = []
    /// By statement, the cheapest plan that may have become possible; 0 where it is served otherwise.
    var news: [Int]
    var indexes: Marks
    /// What may be missed no longer, and what is lost with it.
    var released: [(index: Int, ratio: Double)] = []

    init(_ program: MasterProgram) {
      news = Array(repeating: .max, count: program.queryCount)
      indexes = Marks(count: program.indexCount)
    }
  }

  /// Builds the bundle and, where it has to, drops others; leaves all as it was where that is no better.
  private func add(
    _ bundle: Int, to selection: inout MasterSelection, _ losses: Losses, _ work: inout Work
  ) -> Bool {
    let before = selection.load
    work.missing.removeAll(keepingCapacity: true)
    for place in first[bundle]..<first[bundle + 1] where !selection.built[members[place]] {
      work.missing.append(members[place])
    }
    guard !work.missing.isEmpty else { return false }
    let own = slots[firstSlot[bundle]..<firstSlot[bundle + 1]]
    let saved = selection.saved(byBuilding: own, in: program) - work.missing.reduce(0) { $0 + program.upkeep[$1] }
    guard saved > before * 1e-9 else { return false }
    noteServed(by: own, in: selection, &work)
    let least = max(before * 1e-9, Self.trust * leastLost(in: selection, losses, &work))
    guard saved > least else { return false }
    var trial = selection
    trial.toggle(work.missing, in: program)
    if !trial.fits(program) { makeRoom(for: bundle, in: &trial, losses, before, &work) }
    guard trial.fits(program), trial.load < before * (1 - 1e-9) else { return false }
    selection = trial
    return true
  }

  private func noteServed(by own: ArraySlice<SlotBits>, in selection: MasterSelection, _ work: inout Work) {
    for entry in work.served { work.news[entry.query] = .max }
    work.served.removeAll(keepingCapacity: true)
    for slot in own where selection.lacks(slot) {
      if slot.query != work.served.last?.query { work.served.append((slot.query, selection.serving[slot.query])) }
      work.news[slot.query] = min(work.news[slot.query], slot.cheapest)
    }
  }

  /// What is lost at least by what has to go for some indexes; those of plans that may no longer serve go for nothing.
  private func leastLost(in selection: MasterSelection, _ losses: Losses, _ work: inout Work) -> Double {
    var excess = work.missing.reduce(selection.bytes) { $0 + program.bytes[$1] } - program.budget
    guard excess > 0 else { return 0 }
    work.indexes.clear()
    for entry in work.served {
      for place in program.firstNeed[entry.plan]..<program.firstNeed[entry.plan + 1] {
        let index = program.neededIndex[place]
        if work.indexes.insert(index) { excess -= program.bytes[index] }
      }
    }
    return losses.leastLost(freeing: excess)
  }

  /// Drops others, least missed a byte first, until the rest fits or nothing is won any more. What served the statements
  /// that are now served otherwise may be missed no longer: that is looked at afresh.
  private func makeRoom(
    for bundle: Int, in selection: inout MasterSelection, _ losses: Losses, _ before: Double, _ work: inout Work
  ) {
    work.indexes.clear()
    for place in first[bundle]..<first[bundle + 1] { _ = work.indexes.insert(members[place]) }
    work.released.removeAll(keepingCapacity: true)
    for entry in work.served where selection.serving[entry.query] != entry.plan { work.news[entry.query] = 0 }
    for entry in work.served where selection.serving[entry.query] != entry.plan {
      for place in program.firstNeed[entry.plan]..<program.firstNeed[entry.plan + 1] {
        let index = program.neededIndex[place]
        guard work.indexes.insert(index) else { continue }
        let loss = selection.loss(of: index, in: program, standingIn: losses.standingIn, news: work.news)
        work.released.append((index, loss / max(program.bytes[index], 1)))
      }
    }
    work.released.sort { $0.ratio != $1.ratio ? $0.ratio < $1.ratio : $0.index < $1.index }
    var (next, fresh) = (0, 0)
    while true {
      // Marked are the bundle, which stays, and what was looked at afresh.
      while next < losses.entries.count, work.indexes.contains(losses.entries[next].index) { next += 1 }
      let hasNext = next < losses.entries.count
      guard hasNext || fresh < work.released.count else { return }
      let takesFresh = fresh < work.released.count && (!hasNext || isLess(work.released[fresh], losses.entries[next]))
      let victim = takesFresh ? work.released[fresh].index : losses.entries[next].index
      if takesFresh { fresh += 1 } else { next += 1 }
      selection.drop(victim, in: program)
      if selection.fits(program) || selection.load >= before { return }
    }
  }

  private func isLess(_ one: (index: Int, ratio: Double), _ other: (index: Int, ratio: Double)) -> Bool {
    one.ratio != other.ratio ? one.ratio < other.ratio : one.index < other.index
  }

  /// Drops what no plan misses.
  private func dropIdle(from selection: inout MasterSelection) {
    let losses = selection.losses(in: program).losses
    // What is idle beside another may not be without it.
    for index in losses.indices where losses[index] <= 0 && selection.built[index] {
      if selection.loss(of: index, in: program) <= 0 { selection.drop(index, in: program) }
    }
  }

  /// Share of what dropping indexes one by one would lose that is taken to be lost when several go: those of one plan are
  /// lost once.
  private static let trust = 0.5
}
