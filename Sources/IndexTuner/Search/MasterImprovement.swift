// Better choices of plans by small steps: add what a plan lacks, drop what is least missed, swap.

/// Local search over a master program; the order of the steps is fixed.
struct MasterImprovement {
  private let program: MasterProgram
  /// What plans need, without repeats: the steps that can be taken.
  private let bundles: [[Int]]

  init(_ program: MasterProgram) {
    self.program = program
    var seen: Set<[Int]> = []
    var found: [(gain: Double, members: [Int])] = []
    for query in 0..<program.queryCount {
      let base = program.planLoad[program.firstPlan[query + 1] - 1]
      for plan in program.firstPlan[query]..<program.firstPlan[query + 1] - 1 {
        let members = program.needed[program.firstNeed[plan]..<program.firstNeed[plan + 1]].map {
          program.slotIndex[$0]
        }.sorted()
        if seen.insert(members).inserted { found.append((base - program.planLoad[plan], members)) }
      }
    }
    bundles = found.sorted { left, right in
      left.gain != right.gain ? left.gain > right.gain : left.members.lexicographicallyPrecedes(right.members)
    }.map(\.members)
  }

  func selection(of configuration: IndexSet) -> MasterSelection {
    var selection = MasterSelection(in: program)
    selection.toggle(program.candidates.indices.filter { configuration.contains(program.candidates[$0]) }, in: program)
    return cutBack(selection)
  }

  /// Drops what is least missed a byte until the rest fits.
  func cutBack(_ start: MasterSelection) -> MasterSelection {
    var selection = start
    while !selection.fits(program), let victim = Losses(of: selection, in: program).entries.first {
      selection.drop(victim.index, in: program)
    }
    return selection
  }

  /// The best that single steps reach.
  func improved(_ start: MasterSelection) -> MasterSelection {
    var best = withoutIdle(start)
    for _ in 0..<Self.passes {
      let before = best.load
      var losses = Losses(of: best, in: program)
      for bundle in bundles {
        guard add(bundle, to: &best, losses) else { continue }
        best = withoutIdle(best)
        losses = Losses(of: best, in: program)
      }
      guard best.load < before * (1 - 1e-9) else { break }
    }
    return best
  }

  private static let passes = 12

  /// Builds the bundle and, where it has to, drops others; leaves all as it was where that is no better.
  private func add(
    _ bundle: [Int], to selection: inout MasterSelection, _ losses: Losses
  ) -> Bool {
    guard bundle.contains(where: { !selection.built[$0] }) else { return false }
    let missing = bundle.filter { !selection.built[$0] }
    let before = selection.load
    let saved = mostSaved(by: missing, in: selection)
    guard saved > before * 1e-9 else { return false }
    let queries = Set(missing.flatMap { program.queriesNeeding[$0] })
    let served = queries.sorted().map { (query: $0, plan: selection.serving[$0]) }
    let least = max(before * 1e-9, Self.trust * leastLost(making: missing, in: selection, served.map(\.plan), losses))
    guard saved > least else { return false }
    var changed = missing
    selection.toggle(missing, in: program)
    if selection.load < before - least {
      if !selection.fits(program) {
        // What served the statements that are now served otherwise may be missed no longer.
        let released = served.filter { selection.serving[$0.query] != $0.plan }.flatMap { program.members(of: $0.plan) }
        for victim in victims(losses.entries, released: Set(released), sparing: bundle, in: selection) {
          selection.drop(victim, in: program)
          changed.append(victim)
          if selection.fits(program) || selection.load >= before { break }
        }
      }
      if selection.fits(program), selection.load < before * (1 - 1e-9) { return true }
    }
    selection.toggle(changed, in: program)
    return false
  }

  /// What is lost at least by what has to go for some indexes; those of plans that may no longer serve go for nothing.
  private func leastLost(
    making missing: [Int], in selection: MasterSelection, _ serving: [Int], _ losses: Losses
  ) -> Double {
    var excess = missing.reduce(selection.bytes) { $0 + program.bytes[$1] } - program.budget
    guard excess > 0 else { return 0 }
    for index in Set(serving.flatMap(program.members)) { excess -= program.bytes[index] }
    return losses.leastLost(freeing: excess)
  }

  /// In the order in which they are dropped.
  private func victims(
    _ losses: [(index: Int, ratio: Double)], released: Set<Int>, sparing bundle: [Int], in selection: MasterSelection
  ) -> [Int] {
    let open = losses.filter { !bundle.contains($0.index) }
    guard !released.isEmpty else { return open.map(\.index) }
    let fresh = open.map { entry in
      guard released.contains(entry.index) else { return entry }
      return (entry.index, selection.loss(of: entry.index, in: program) / max(program.bytes[entry.index], 1))
    }
    return fresh.sorted { $0.ratio != $1.ratio ? $0.ratio < $1.ratio : $0.index < $1.index }.map(\.index)
  }

  /// A bound that is cheap to have: every statement that has a plan with one of them might run by its cheapest.
  private func mostSaved(by missing: [Int], in selection: MasterSelection) -> Double {
    var saved = 0.0
    for index in missing {
      saved -= program.upkeep[index]
      for query in program.queriesNeeding[index] {
        saved += program.planLoad[selection.serving[query]] - program.planLoad[program.firstPlan[query]]
      }
    }
    return saved
  }

  /// Drops what no plan misses.
  private func withoutIdle(_ start: MasterSelection) -> MasterSelection {
    var selection = start
    let losses = start.losses(in: program)
    // What is idle beside another may not be without it.
    for index in start.members where losses[index] <= 0 && selection.loss(of: index, in: program) <= 0 {
      selection.drop(index, in: program)
    }
    return selection
  }

  /// Share of what dropping indexes one by one would lose that is taken to be lost when several go: those of one plan are
  /// lost once.
  private static let trust = 0.5
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
