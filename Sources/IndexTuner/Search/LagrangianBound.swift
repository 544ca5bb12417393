// What no choice of plans and indexes can beat: the Lagrangian relaxation of the master program.

/// Relaxes "a plan may be chosen only where its indexes are built". For given multipliers the rest falls apart into a
/// minimum for each statement and one knapsack, whose linear relaxation is solved by ratio; the subgradient of Held and
/// Karp moves the multipliers ("Validation of subgradient optimization", Mathematical Programming 6, 1974).
struct LagrangianBound {
  /// An index built, left out, or still open.
  enum Fixing: Sendable { case open, built, leftOut }

  private let program: MasterProgram
  private(set) var multipliers: [Double]
  /// The best bound so far under the present fixings.
  private(set) var value = -Double.infinity
  /// What one more byte of budget would save, at the best bound.
  private(set) var priceOfByte = 0.0
  /// Share of each index that the knapsack takes, at the best bound.
  private(set) var taken: [Double]
  /// Load that each index would add, less its share of savings, at the best bound; negative is worth building.
  private(set) var reducedCost: [Double]

  // Scratch, kept to not be made anew in each step.
  /// 1 for slots of the plans that are chosen, else 0.
  private var wanted: [Double]
  private var score: [Double]
  private var share: [Double]
  private var slopes: [Double]
  /// All indexes; those that the knapsack looked at last come first, as it ranked them: the next ranking is much alike.
  private var order: [Int]

  init(_ program: MasterProgram, multipliers: [Double]? = nil) {
    self.program = program
    self.multipliers = multipliers ?? Array(repeating: 0, count: program.slotIndex.count)
    taken = Array(repeating: 0, count: program.indexCount)
    reducedCost = program.upkeep
    wanted = Array(repeating: 0, count: program.slotIndex.count)
    score = program.upkeep
    share = taken
    slopes = wanted
    order = Array(0..<program.indexCount)
  }

  /// Moves the multipliers for `steps` steps towards the best bound; ends early once it passes `ceiling`.
  mutating func raise(steps: Int, ceiling: Double, fixings: [Fixing]) {
    let plans = AllowedPlans(of: program, under: fixings)
    value = -.infinity  // Nothing is known under these fixings.
    var best = multipliers
    var stride = 1.0
    var stale = 0
    for _ in 0..<steps {
      let (bound, price) = evaluate(fixings, plans)
      if value == -.infinity || bound > value + abs(value) * 1e-7 {
        value = bound
        best = multipliers
        priceOfByte = price
        taken = share
        for index in score.indices { reducedCost[index] = score[index] + price * program.bytes[index] }
        stale = 0
      } else {
        stale += 1
        if stale == 8 {
          stride /= 2
          stale = 0
          multipliers = best
          _ = evaluate(fixings, plans)
        }
      }
      if value >= ceiling || stride < 1e-3 { break }
      step(stride * max(ceiling - bound, ceiling * 1e-4))
    }
    multipliers = best
  }

  private mutating func evaluate(_ fixings: [Fixing], _ plans: AllowedPlans) -> (bound: Double, price: Double) {
    Self.score(&score, program, multipliers)
    let bound = plans.leastLoads(multipliers, wanted: &wanted)
    let (value, price) = knapsack(fixings)
    return (bound + value, price)
  }

  // What is looked at in each step stands in locals: the compiler reads it once.

  private static func score(_ score: inout [Double], _ program: MasterProgram, _ multipliers: [Double]) {
    let (upkeep, slotIndex) = (program.upkeep, program.slotIndex)
    for index in score.indices { score[index] = upkeep[index] }
    for slot in multipliers.indices { score[slotIndex[slot]] -= multipliers[slot] }
  }

  /// Fills the budget by ratio, the last index in part.
  private mutating func knapsack(_ fixings: [Fixing]) -> (value: Double, price: Double) {
    var room = program.budget
    var value = 0.0
    for index in share.indices {
      share[index] = 0
      guard fixings[index] == .built else { continue }
      share[index] = 1
      value += score[index]
      room -= program.bytes[index]
    }
    if room < 0 { return (.infinity, 0) }
    for index in order[..<rank(fixings)] {
      if program.bytes[index] <= room {
        share[index] = 1
        room -= program.bytes[index]
        value += score[index]
      } else {
        share[index] = room / program.bytes[index]
        return (value + score[index] * share[index], -score[index] / program.bytes[index])
      }
    }
    return (value, 0)
  }

  /// Puts the open indexes worth building first, by ratio; how many there are.
  private mutating func rank(_ fixings: [Fixing]) -> Int {
    let (score, bytes) = (score, program.bytes)
    var ranked: [Int] = []
    var rest: [Int] = []
    ranked.reserveCapacity(order.count)
    for index in order {
      guard fixings[index] == .open, score[index] < 0 else {
        rest.append(index)
        continue
      }
      var place = ranked.count
      ranked.append(index)
      while place > 0 {
        let other = ranked[place - 1]
        let (left, right) = (score[index] * bytes[other], score[other] * bytes[index])
        guard left != right ? left < right : index < other else { break }
        ranked[place] = other
        place -= 1
      }
      ranked[place] = index
    }
    order = ranked + rest
    return ranked.count
  }

  /// One step along the subgradient, Polyak's length.
  private mutating func step(_ distance: Double) {
    let norm = Self.slopes(&slopes, program.slotIndex, multipliers, wanted, share)
    guard norm > 1e-12 else { return }
    let length = distance / norm
    for slot in multipliers.indices { multipliers[slot] = max(0, multipliers[slot] + length * slopes[slot]) }
  }

  private static func slopes(
    _ slopes: inout [Double], _ slotIndex: [Int], _ multipliers: [Double], _ wanted: [Double], _ share: [Double]
  ) -> Double {
    var norm = 0.0
    for slot in slopes.indices {
      let slope = wanted[slot] - share[slotIndex[slot]]
      slopes[slot] = slope > 0 || multipliers[slot] > 0 ? slope : 0
      norm += slopes[slot] * slopes[slot]
    }
    return norm
  }

  /// How far the statements and the knapsack disagree on each index: where to branch.
  func disagreement() -> [Double] {
    var sums = Array(repeating: 0.0, count: program.indexCount)
    for slot in multipliers.indices {
      let index = program.slotIndex[slot]
      sums[index] += abs(wanted[slot] - taken[index]) * multipliers[slot]
    }
    return sums
  }
}

/// Plans of which no index is left out, as they are looked at in each step: close together, from the first to the last.
private struct AllowedPlans {
  /// Of statement q: the plans up to `end[q]`.
  private var end: [Int] = []
  private var loads: [Double] = []
  /// Of plan p: the slots up to `needEnd[p]`.
  private var needEnd: [Int] = []
  private var needed: [Int32] = []

  init(of program: MasterProgram, under fixings: [LagrangianBound.Fixing]) {
    loads.reserveCapacity(program.planLoad.count)
    needEnd.reserveCapacity(program.planLoad.count)
    needed.reserveCapacity(program.needed.count)
    for query in 0..<program.queryCount {
      for plan in program.firstPlan[query]..<program.firstPlan[query + 1] {
        let needs = program.firstNeed[plan]..<program.firstNeed[plan + 1]
        guard program.neededIndex[needs].allSatisfy({ fixings[$0] != .leftOut }) else { continue }
        loads.append(program.planLoad[plan])
        for place in needs { needed.append(Int32(program.needed[place])) }
        needEnd.append(needed.count)
      }
      end.append(loads.count)
    }
  }

  /// Takes the cheapest plan of each statement, prices included.
  /// - Parameter wanted: 1 for the slots of what is taken, else 0.
  func leastLoads(_ multipliers: [Double], wanted: inout [Double]) -> Double {
    for slot in wanted.indices { wanted[slot] = 0 }
    let (end, loads, needEnd, needed) = (end, loads, needEnd, needed)
    var bound = 0.0
    var (plan, place) = (0, 0)
    for last in end {
      var best = Double.infinity
      var chosen = place..<place
      while plan < last, loads[plan] < best {
        var load = loads[plan]
        let first = place
        place = needEnd[plan]
        for need in first..<place { load += multipliers[Int(needed[need])] }
        if load < best { (best, chosen) = (load, first..<place) }
        plan += 1
      }
      bound += best
      for need in chosen { wanted[Int(needed[need])] = 1 }
      (plan, place) = (last, needEnd[last - 1])
    }
    return bound
  }
}
