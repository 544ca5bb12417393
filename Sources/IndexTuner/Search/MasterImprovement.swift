// Better choices of plans by small steps: add what a plan lacks, drop what is least missed, swap.

/// Local search over a master program; the order of the steps is fixed.
struct MasterImprovement {
  private let program: MasterProgram
  /// What plans need, without repeats: the steps that can be taken. Of several plans of a statement, only one that is
  /// smaller than all cheaper ones, or needs one index. Of step n: `members[first[n] ..< first[n + 1]]`.
  private let members: [Int]
  private let first: [Int]
  /// The slots of each step by statement, likewise.
  private let slots: [SharedBits]
  private let firstSlot: [Int]

  init(_ program: MasterProgram) {
    self.program = program
    var seen: Set<[Int]> = []
    var found: [(gain: Double, members: [Int])] = []
    for query in 0..<program.queryCount {
      let base = program.planLoad[program.firstPlan[query + 1] - 1]
      var leastBytes = Double.infinity
      for plan in program.firstPlan[query]..<program.firstPlan[query + 1] - 1 {
        let members = program.members(of: plan).sorted()
        let bytes = members.reduce(0) { $0 + program.bytes[$1] }
        guard bytes < leastBytes || members.count == 1 else { continue }
        leastBytes = min(leastBytes, bytes)
        if seen.insert(members).inserted { found.append((base - program.planLoad[plan], members)) }
      }
    }
    let bundles = found.sorted { left, right in
      left.gain != right.gain ? left.gain > right.gain : left.members.lexicographicallyPrecedes(right.members)
    }.map(\.members)
    members = Array(bundles.joined())
    first = bundles.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    var (slots, firstSlot) = ([SharedBits](), [0])
    var place = [Int](repeating: -1, count: program.firstWord[program.queryCount])
    for bundle in bundles {
      // What several indexes have in one word is put together.
      let begin = slots.count
      for index in bundle {
        for slot in program.slotsNeeding[program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1]] {
          if place[slot.word] >= begin {
            slots[place[slot.word]].add(slot)
          } else {
            place[slot.word] = slots.count
            slots.append(SharedBits(slot))
          }
        }
      }
      if bundle.count > 1 { slots[begin...].sort { $0.word < $1.word } }
      for other in begin..<slots.count { place[Int(slots[other].word)] = -1 }
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
    var one: OneMore
    /// Statements that are served otherwise, and the plans that served them.
    var served: [(query: Int, plan: Int)] = []
    /// By statement, the cheapest plan that may have become possible; 0 where it is served otherwise.
    var news: [Int]
    /// Statements for which that is noted.
    var noted: [Int] = []
    var indexes: Marks
    /// What may be missed no longer, and what is lost with it.
    var released: [(index: Int, ratio: Double)] = []
    /// Of what may be missed no longer, what the statements that are still served by it would lose.
    var lost: [Double]

    init(_ program: MasterProgram) {
      one = OneMore(program)
      news = Array(repeating: .max, count: program.queryCount)
      indexes = Marks(count: program.indexCount)
      lost = Array(repeating: 0, count: program.indexCount)
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
    let own = firstSlot[bundle]..<firstSlot[bundle + 1]
    work.served.removeAll(keepingCapacity: true)
    let saved =
      selection.saved(byBuilding: own, of: slots, in: program, &work.one, &work.served)
      - work.missing.reduce(0) { $0 + program.upkeep[$1] }
    guard saved > before * 1e-9,
      saved > Self.trust * expectedLoss(of: bundle, in: selection, losses, &work)
    else { return false }
    noteNews(by: own, in: selection, &work)
    var trial = selection
    trial.toggle(work.missing, in: program)
    if !trial.fits(program) { makeRoom(for: bundle, in: &trial, losses, before, &work) }
    guard trial.fits(program), trial.load < before * (1 - 1e-9) else { return false }
    selection = trial
    return true
  }

  private func noteNews(by own: Range<Int>, in selection: MasterSelection, _ work: inout Work) {
    for query in work.noted { work.news[query] = .max }
    work.noted.removeAll(keepingCapacity: true)
    for slot in slots[own] where selection.lacks(slot) {
      let query = program.wordQuery[Int(slot.word)]
      if query != work.noted.last { work.noted.append(query) }
      work.news[query] = min(work.news[query], Int(slot.cheapest))
    }
    for entry in work.served { work.news[entry.query] = 0 }
  }

  /// What is lost, about, by what has to go for a bundle: were indexes divisible, their losses independent, and nothing in
  /// the bundle a stand-in for what goes. Of what served the statements that are now served otherwise, the others' loss is
  /// left. More is hardly ever lost in fact where a step is worth taking, so most steps are never tried.
  private func expectedLoss(
    of bundle: Int, in selection: MasterSelection, _ losses: Losses, _ work: inout Work
  ) -> Double {
    var excess = work.missing.reduce(selection.bytes) { $0 + program.bytes[$1] } - program.budget
    guard excess > 0 else { return 0 }
    work.indexes.clear()
    for place in first[bundle]..<first[bundle + 1] { _ = work.indexes.insert(members[place]) }
    work.released.removeAll(keepingCapacity: true)
    for entry in work.served {
      for place in program.firstNeed[entry.plan]..<program.firstNeed[entry.plan + 1] {
        let index = program.neededIndex[place]
        if work.indexes.insert(index) {
          work.released.append((index, 0))
          work.lost[index] = losses.all[index]
        }
        work.lost[index] -= losses.ofSlot[program.needed[place]]
      }
    }
    for place in work.released.indices {
      let index = work.released[place].index
      work.released[place].ratio = max(0, work.lost[index]) / max(program.bytes[index], 1)
    }
    var victims = Victims(of: losses, but: work.indexes, and: &work.released)
    var loss = 0.0
    while excess > 0, let victim = victims.next() {
      let bytes = max(program.bytes[victim.index], 1)
      loss += max(0, victim.ratio) * min(bytes, excess)
      excess -= bytes
    }
    return loss
  }

  /// Drops others, least missed a byte first, until the rest fits or nothing is won any more. What served the statements
  /// that are now served otherwise may be missed no longer: that is looked at afresh.
  private func makeRoom(
    for bundle: Int, in selection: inout MasterSelection, _ losses: Losses, _ before: Double, _ work: inout Work
  ) {
    work.indexes.clear()
    for place in first[bundle]..<first[bundle + 1] { _ = work.indexes.insert(members[place]) }
    work.released.removeAll(keepingCapacity: true)
    for entry in work.served {
      for place in program.firstNeed[entry.plan]..<program.firstNeed[entry.plan + 1] {
        let index = program.neededIndex[place]
        guard work.indexes.insert(index) else { continue }
        let loss = selection.loss(of: index, in: program, standingIn: losses.standingIn, news: work.news)
        work.released.append((index, loss / max(program.bytes[index], 1)))
      }
    }
    var victims = Victims(of: losses, but: work.indexes, and: &work.released)
    while let victim = victims.next() {
      selection.drop(victim.index, in: program)
      if selection.fits(program) || selection.load >= before { return }
    }
  }

  /// Drops what no plan misses.
  private func dropIdle(from selection: inout MasterSelection) {
    let losses = selection.losses(in: program).losses
    // What is idle beside another may not be without it.
    for index in losses.indices where losses[index] <= 0 && selection.built[index] {
      if selection.loss(of: index, in: program) <= 0 { selection.drop(index, in: program) }
    }
  }

  /// Share of what is expected to be lost that is taken to be lost in fact: plans lack each other's indexes but once.
  private static let trust = 0.8
}
