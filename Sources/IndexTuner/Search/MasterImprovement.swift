// Better choices of plans by small steps: add what a plan lacks, drop what is least missed, swap.

/// Local search over a master program; the order of the steps is fixed.
struct MasterImprovement {
  private let program: MasterProgram
  /// What plans need, without repeats: the steps that can be taken. Of step n: `members[first[n] ..< first[n + 1]]`.
  private let members: [Int]
  private let first: [Int]

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

  /// The best that single steps reach.
  func improved(_ start: MasterSelection) -> MasterSelection {
    var best = start
    dropIdle(from: &best)
    var work = Work(program)
    for _ in 0..<Self.passes {
      let before = best.load
      var losses = Losses(of: best, in: program)
      for bundle in 0..<first.count - 1 {
        guard add(bundle, to: &best, losses, &work) else { continue }
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
    var dropped: [Int] = []
    /// Statements that may be served otherwise, and the plans that serve them.
    var served: [(query: Int, plan: Int)] = []
    var queries: Marks
    var indexes: Marks

    init(_ program: MasterProgram) {
      queries = Marks(count: program.queryCount)
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
    let saved = mostSaved(by: work.missing, in: selection)
    guard saved > before * 1e-9 else { return false }
    noteServed(in: selection, &work)
    let least = max(before * 1e-9, Self.trust * leastLost(in: selection, losses, &work))
    guard saved > least else { return false }
    selection.toggle(work.missing, in: program)
    work.dropped.removeAll(keepingCapacity: true)
    if selection.load < before - least {
      if !selection.fits(program) { makeRoom(for: bundle, in: &selection, losses, before, &work) }
      if selection.fits(program), selection.load < before * (1 - 1e-9) { return true }
    }
    selection.toggle(work.missing, in: program)
    selection.toggle(work.dropped, in: program)
    return false
  }

  /// A bound that is cheap to have: every statement that has a plan with one of them might run by its cheapest.
  private func mostSaved(by missing: [Int], in selection: MasterSelection) -> Double {
    var saved = 0.0
    for index in missing {
      saved -= program.upkeep[index]
      for place in program.firstQueryNeeding[index]..<program.firstQueryNeeding[index + 1] {
        let query = program.queriesNeeding[place]
        saved += program.planLoad[selection.serving[query]] - program.planLoad[program.firstPlan[query]]
      }
    }
    return saved
  }

  private func noteServed(in selection: MasterSelection, _ work: inout Work) {
    work.queries.clear()
    work.served.removeAll(keepingCapacity: true)
    for index in work.missing {
      for place in program.firstQueryNeeding[index]..<program.firstQueryNeeding[index + 1] {
        let query = program.queriesNeeding[place]
        if work.queries.insert(query) { work.served.append((query, selection.serving[query])) }
      }
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
    var released: [(index: Int, ratio: Double)] = []
    for entry in work.served where selection.serving[entry.query] != entry.plan {
      for place in program.firstNeed[entry.plan]..<program.firstNeed[entry.plan + 1] {
        let index = program.neededIndex[place]
        guard work.indexes.insert(index) else { continue }
        released.append((index, selection.loss(of: index, in: program) / max(program.bytes[index], 1)))
      }
    }
    released.sort { $0.ratio != $1.ratio ? $0.ratio < $1.ratio : $0.index < $1.index }
    var (next, fresh) = (0, 0)
    while true {
      // Marked are the bundle, which stays, and what was looked at afresh.
      while next < losses.entries.count, work.indexes.contains(losses.entries[next].index) { next += 1 }
      let hasNext = next < losses.entries.count
      guard hasNext || fresh < released.count else { return }
      let takesFresh = fresh < released.count && (!hasNext || isLess(released[fresh], losses.entries[next]))
      let victim = takesFresh ? released[fresh].index : losses.entries[next].index
      if takesFresh { fresh += 1 } else { next += 1 }
      selection.drop(victim, in: program)
      work.dropped.append(victim)
      if selection.fits(program) || selection.load >= before { return }
    }
  }

  private func isLess(_ one: (index: Int, ratio: Double), _ other: (index: Int, ratio: Double)) -> Bool {
    one.ratio != other.ratio ? one.ratio < other.ratio : one.index < other.index
  }

  /// Drops what no plan misses.
  private func dropIdle(from selection: inout MasterSelection) {
    let losses = selection.losses(in: program)
    // What is idle beside another may not be without it.
    for index in losses.indices where losses[index] <= 0 && selection.built[index] {
      if selection.loss(of: index, in: program) <= 0 { selection.drop(index, in: program) }
    }
  }

  /// Share of what dropping indexes one by one would lose that is taken to be lost when several go: those of one plan are
  /// lost once.
  private static let trust = 0.5
}

/// Which of many numbers have been met; forgets all at once.
private struct Marks {
  private var rounds: [Int]
  private var round = 1

  init(count: Int) { rounds = Array(repeating: 0, count: count) }

  mutating func clear() { round += 1 }

  /// Whether it is new.
  mutating func insert(_ number: Int) -> Bool {
    if rounds[number] == round { return false }
    rounds[number] = round
    return true
  }

  func contains(_ number: Int) -> Bool { rounds[number] == round }
}

/// What is built, least missed a byte first.
private struct Losses {
  let entries: [(index: Int, ratio: Double)]
  /// Bytes and loss of the first n together.
  private let bytes: [Double]
  private let lost: [Double]

  init(of selection: MasterSelection, in program: MasterProgram) {
    let losses = selection.losses(in: program)
    let ratios = selection.members.map { (index: $0, ratio: losses[$0] / max(program.bytes[$0], 1)) }
    entries = ratios.sorted { $0.ratio != $1.ratio ? $0.ratio < $1.ratio : $0.index < $1.index }
    var (bytes, lost) = ([0.0], [0.0])
    for entry in entries {
      bytes.append(bytes[bytes.count - 1] + program.bytes[entry.index])
      lost.append(lost[lost.count - 1] + max(0, losses[entry.index]))
    }
    (self.bytes, self.lost) = (bytes, lost)
  }

  /// What is least missed a byte.
  static func least(of selection: MasterSelection, in program: MasterProgram) -> Int? {
    let losses = selection.losses(in: program)
    var least: (index: Int, ratio: Double)?
    for index in losses.indices where selection.built[index] {
      let ratio = losses[index] / max(program.bytes[index], 1)
      if ratio < least?.ratio ?? .infinity { least = (index, ratio) }
    }
    return least?.index
  }

  /// What giving back so many bytes costs at least, were indexes divisible and their losses independent.
  func leastLost(freeing excess: Double) -> Double {
    guard excess > 0 else { return 0 }
    var (low, high) = (0, bytes.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if bytes[middle] < excess { low = middle + 1 } else { high = middle }
    }
    guard low > 0, bytes[low] > bytes[low - 1] else { return lost[low] }
    let share = min(1, (excess - bytes[low - 1]) / (bytes[low] - bytes[low - 1]))
    return lost[low - 1] + share * (lost[low] - lost[low - 1])
  }
}
