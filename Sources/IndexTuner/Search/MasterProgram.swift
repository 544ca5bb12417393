// Which plan for each statement, and which indexes for the plans: the integer program over plans already known.

/// The master problem of CoPhy (Dash, Polyzotis and Ailamaki, "CoPhy: A Scalable, Portable, and Interactive Index
/// Advisor for Large Workloads", VLDB 2011), over whole plans instead of INUM's templates: build index *i* or not, run
/// each statement by the cheapest known plan whose indexes are all built, stay within bytes and number.
///
/// Everything is numbered densely and kept in flat arrays, for the bound is computed some thousand times.
struct MasterProgram: Sendable {
  /// The candidate that each position stands for.
  let candidates: [Int]
  let bytes: [Double]
  /// What keeping an index up to date costs, in units of load.
  let upkeep: [Double]
  let budget: Double
  let maximumIndexes: Int
  /// Plans of statement q: `firstPlan[q] ..< firstPlan[q + 1]`, cheapest first; the last needs nothing.
  let firstPlan: [Int]
  let planLoad: [Double]
  /// What plan p needs: `needed[firstNeed[p] ..< firstNeed[p + 1]]`, as slots. A slot is a pair of statement and index.
  let firstNeed: [Int]
  let needed: [Int]
  /// The index of each slot in `needed`.
  let neededIndex: [Int]
  /// By plan, bit n: it may need an index whose number leaves n when divided by 64.
  let needsMask: [UInt64]
  let slotIndex: [Int]
  let slotQuery: [Int]
  /// Statements one of whose plans needs index i: `queriesNeeding[firstQueryNeeding[i] ..< firstQueryNeeding[i + 1]]`.
  let firstQueryNeeding: [Int]
  let queriesNeeding: [Int]
  /// The plans that need the index, likewise.
  let firstPlanNeeding: [Int]
  let plansNeeding: [Int]
  let queryOfPlan: [Int]

  var queryCount: Int { firstPlan.count - 1 }
  var indexCount: Int { candidates.count }

  /// `plans[query]`: what each known plan needs, and its load; a plan that needs nothing is among them.
  init(
    plans: [[(needs: IndexSet, load: Double)]], bytes: (Int) -> Int64, upkeep: (Int) -> Double, budget: Int64?,
    maximumIndexes: Int
  ) {
    let limit = budget.map(Double.init) ?? .infinity
    let kept = plans.map { own in
      Self.undominated(own.filter { plan in plan.needs.members.reduce(0) { $0 + Double(bytes($1)) } <= limit })
    }
    let candidates = Array(Set(kept.joined().flatMap(\.needs.members))).sorted()
    let position = Dictionary(uniqueKeysWithValues: candidates.enumerated().map { ($0.element, $0.offset) })
    var flat = FlatPlans(indexCount: candidates.count)
    for own in kept { flat.append(own.map { plan in (plan.needs.members.compactMap { position[$0] }, plan.load) }) }
    self.candidates = candidates
    self.bytes = candidates.map { Double(bytes($0)) }
    self.upkeep = candidates.map(upkeep)
    self.budget = limit
    self.maximumIndexes = maximumIndexes
    firstPlan = flat.firstPlan
    planLoad = flat.planLoad
    firstNeed = flat.firstNeed
    needed = flat.needed
    slotIndex = flat.slotIndex
    slotQuery = flat.slotQuery
    let neededIndex = flat.needed.map { flat.slotIndex[$0] }
    needsMask = flat.planLoad.indices.map { plan in
      neededIndex[flat.firstNeed[plan]..<flat.firstNeed[plan + 1]].reduce(0) { $0 | 1 << UInt64($1 & 63) }
    }
    self.neededIndex = neededIndex
    (firstQueryNeeding, queriesNeeding) = Self.joined(flat.queriesNeeding)
    (firstPlanNeeding, plansNeeding) = Self.joined(flat.plansNeeding)
    queryOfPlan = flat.queryOfPlan
  }

  private static func joined(_ lists: [[Int]]) -> (first: [Int], all: [Int]) {
    (lists.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }, Array(lists.joined()))
  }

  /// Cheapest first; a plan that needs more than a cheaper one is never chosen.
  private static func undominated(
    _ plans: [(needs: IndexSet, load: Double)]
  ) -> [(needs: IndexSet, load: Double)] {
    let sorted = plans.sorted {
      $0.load != $1.load ? $0.load < $1.load : $0.needs.members.lexicographicallyPrecedes($1.needs.members)
    }
    var kept: [(needs: IndexSet, load: Double)] = []
    for plan in sorted where !kept.contains(where: { $0.needs.isSubset(of: plan.needs) }) { kept.append(plan) }
    return kept
  }

  func members(of plan: Int) -> [Int] {
    Array(neededIndex[firstNeed[plan]..<firstNeed[plan + 1]])
  }

  func needs(_ plan: Int, _ index: Int) -> Bool {
    guard needsMask[plan] & 1 << UInt64(index & 63) != 0 else { return false }
    for place in firstNeed[plan]..<firstNeed[plan + 1] where neededIndex[place] == index { return true }
    return false
  }

  /// Indexes of a plan that are not built.
  func missing(of plan: Int, in built: [Bool]) -> [Int] {
    members(of: plan).filter { !built[$0] }
  }
}

/// Plans being numbered.
private struct FlatPlans {
  var firstPlan = [0]
  var planLoad: [Double] = []
  var firstNeed = [0]
  var needed: [Int] = []
  var slotIndex: [Int] = []
  var slotQuery: [Int] = []
  var queriesNeeding: [[Int]]
  var plansNeeding: [[Int]]
  var queryOfPlan: [Int] = []

  init(indexCount: Int) {
    queriesNeeding = Array(repeating: [], count: indexCount)
    plansNeeding = queriesNeeding
  }

  mutating func append(_ plans: [(needs: [Int], load: Double)]) {
    let query = firstPlan.count - 1
    var slots: [Int: Int] = [:]
    for plan in plans {
      for index in plan.needs {
        if slots[index] == nil {
          slots[index] = slotIndex.count
          slotIndex.append(index)
          slotQuery.append(query)
          queriesNeeding[index].append(query)
        }
        needed.append(slots[index] ?? 0)
        plansNeeding[index].append(planLoad.count)
      }
      queryOfPlan.append(query)
      firstNeed.append(needed.count)
      planLoad.append(plan.load)
    }
    firstPlan.append(planLoad.count)
  }
}

/// Indexes that are built in a master program, and what the workload then weighs.
struct MasterSelection: Sendable, Equatable {
  private(set) var built: [Bool]
  private(set) var count = 0
  private(set) var bytes = 0.0
  private(set) var load: Double
  /// The plan that serves each statement.
  private(set) var serving: [Int]
  /// How many of its indexes each plan lacks.
  private var lacking: [Int32]
  /// By index, how many statements are served by a plan that needs it.
  private var users: [Int32]

  /// Nothing is built.
  init(in program: MasterProgram) {
    built = Array(repeating: false, count: program.indexCount)
    users = Array(repeating: 0, count: program.indexCount)
    serving = (0..<program.queryCount).map { program.firstPlan[$0 + 1] - 1 }
    load = serving.reduce(0) { $0 + program.planLoad[$1] }
    lacking = program.planLoad.indices.map { Int32(program.firstNeed[$0 + 1] - program.firstNeed[$0]) }
  }

  mutating func toggle(_ indexes: [Int], in program: MasterProgram) {
    for index in indexes { if built[index] { drop(index, in: program) } else { build(index, in: program) } }
  }

  mutating func build(_ index: Int, in program: MasterProgram) {
    built[index] = true
    count += 1
    bytes += program.bytes[index]
    load += program.upkeep[index]
    for place in program.firstPlanNeeding[index]..<program.firstPlanNeeding[index + 1] {
      let plan = program.plansNeeding[place]
      lacking[plan] -= 1
      guard lacking[plan] == 0 else { continue }
      let query = program.queryOfPlan[plan]
      if plan < serving[query] { serve(query, by: plan, in: program) }
    }
  }

  mutating func drop(_ index: Int, in program: MasterProgram) {
    built[index] = false
    count -= 1
    bytes -= program.bytes[index]
    load -= program.upkeep[index]
    for place in program.firstPlanNeeding[index]..<program.firstPlanNeeding[index + 1] {
      lacking[program.plansNeeding[place]] += 1
    }
    for place in program.firstQueryNeeding[index]..<program.firstQueryNeeding[index + 1] {
      let query = program.queriesNeeding[place]
      guard lacking[serving[query]] > 0 else { continue }
      var plan = serving[query] + 1
      while lacking[plan] > 0 { plan += 1 }
      serve(query, by: plan, in: program)
    }
  }

  private mutating func serve(_ query: Int, by plan: Int, in program: MasterProgram) {
    let former = serving[query]
    load += program.planLoad[plan] - program.planLoad[former]
    serving[query] = plan
    for place in program.firstNeed[former]..<program.firstNeed[former + 1] { users[program.neededIndex[place]] -= 1 }
    for place in program.firstNeed[plan]..<program.firstNeed[plan + 1] { users[program.neededIndex[place]] += 1 }
  }

  /// What the workload would weigh more without a built index.
  func loss(of index: Int, in program: MasterProgram) -> Double {
    var loss = -program.upkeep[index]
    var left = users[index]
    for place in program.firstQueryNeeding[index]..<program.firstQueryNeeding[index + 1] where left > 0 {
      let query = program.queriesNeeding[place]
      guard program.needs(serving[query], index) else { continue }
      left -= 1
      var plan = serving[query] + 1
      while lacking[plan] > 0 || program.needs(plan, index) { plan += 1 }
      loss += program.planLoad[plan] - program.planLoad[serving[query]]
    }
    return loss
  }

  /// What the workload would weigh more without each index, in one pass over the plans that serve; 0 for what is not built.
  func losses(in program: MasterProgram) -> [Double] {
    var losses = built.indices.map { built[$0] ? -program.upkeep[$0] : 0 }
    for query in serving.indices {
      let plan = serving[query]
      for place in program.firstNeed[plan]..<program.firstNeed[plan + 1] {
        let index = program.neededIndex[place]
        var other = plan + 1
        while lacking[other] > 0 || program.needs(other, index) { other += 1 }
        losses[index] += program.planLoad[other] - program.planLoad[plan]
      }
    }
    return losses
  }

  func fits(_ program: MasterProgram) -> Bool { bytes <= program.budget && count <= program.maximumIndexes }

  var members: [Int] { built.indices.filter { built[$0] } }

  func configuration(in program: MasterProgram) -> IndexSet { IndexSet(members.map { program.candidates[$0] }) }
}
