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
  let slotIndex: [Int]
  let slotQuery: [Int]
  let slotBits: [SlotBits]
  /// The slots of index i, by statement: `slotsNeeding[firstSlotNeeding[i] ..< firstSlotNeeding[i + 1]]`.
  let firstSlotNeeding: [Int]
  let slotsNeeding: [SlotBits]
  /// Sets of one statement's slots take the words `firstWord[q] ..< firstWord[q + 1]`, one at least: few statements have
  /// more than 64.
  let firstWord: [Int]
  /// The statement of each word.
  let wordQuery: [Int]
  /// What each plan needs as such a set: its first word, and the further ones of all plans of statement q from
  /// `firstFurther[q]` on.
  let planSlots: [UInt64]
  private let firstFurther: [Int]
  private let furtherSlots: [UInt64]

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
    neededIndex = flat.needed.map { flat.slotIndex[$0] }
    slotBits = flat.slotBits
    firstSlotNeeding = flat.slotsNeeding.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    slotsNeeding = Array(flat.slotsNeeding.joined())
    firstWord = flat.firstWord
    wordQuery = firstWord.indices.dropLast().flatMap { query in
      Array(repeating: query, count: flat.firstWord[query + 1] - flat.firstWord[query])
    }
    planSlots = flat.planSlots
    firstFurther = flat.firstFurther
    furtherSlots = flat.furtherSlots
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

  /// The cheapest plan of a statement, from `start` on, that needs none of the slots it lacks. There must be one; the last
  /// plan of each statement needs nothing.
  @inline(__always)
  func firstReady(of query: Int, from start: Int, lacking: (_ word: Int) -> UInt64) -> Int {
    let (first, end) = (firstWord[query], firstWord[query + 1])
    let lacked = lacking(first)
    var plan = start
    while true {
      while planSlots[plan] & lacked != 0 { plan += 1 }
      var word = first + 1
      while word < end, slots(of: plan, query, word: word) & lacking(word) == 0 { word += 1 }
      if word == end { return plan }
      plan += 1
    }
  }

  /// Whether all slots of a statement stand in one word.
  func hasOneWord(_ query: Int) -> Bool { firstWord[query + 1] == firstWord[query] + 1 }

  /// What a plan needs, of the slots in one word.
  func slots(of plan: Int, _ query: Int, word: Int) -> UInt64 {
    let first = firstWord[query]
    if word == first { return planSlots[plan] }
    let width = firstWord[query + 1] - first - 1
    return furtherSlots[firstFurther[query] + (plan - firstPlan[query]) * width + word - first - 1]
  }

  /// Indexes of a plan that are not built.
  func missing(of plan: Int, in built: [Bool]) -> [Int] {
    members(of: plan).filter { !built[$0] }
  }
}

/// Where a slot stands in sets of its statement's slots.
struct SlotBits: Sendable {
  var query: Int
  var word: Int
  var bits: UInt64
  /// The cheapest plan that needs it.
  var cheapest: Int
  var slot: Int
}

/// What several indexes have in one word of a statement: much of this is looked at, so it is small.
struct SharedBits: Sendable {
  var bits: UInt64
  var word: Int32
  /// As in `SlotBits`.
  var cheapest: Int32

  init(_ slot: SlotBits) { (bits, word, cheapest) = (slot.bits, Int32(slot.word), Int32(slot.cheapest)) }

  mutating func add(_ slot: SlotBits) {
    bits |= slot.bits
    cheapest = min(cheapest, Int32(slot.cheapest))
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
  var slotBits: [SlotBits] = []
  var slotsNeeding: [[SlotBits]]
  var firstWord = [0]
  var planSlots: [UInt64] = []
  var firstFurther: [Int] = []
  var furtherSlots: [UInt64] = []
  /// By index, its slot in the statement being numbered.
  private var slots: [Int]

  init(indexCount: Int) {
    slotsNeeding = Array(repeating: [], count: indexCount)
    slots = Array(repeating: -1, count: indexCount)
  }

  mutating func append(_ plans: [(needs: [Int], load: Double)]) {
    let (query, firstSlot, firstPlanHere) = (firstPlan.count - 1, slotIndex.count, planLoad.count)
    for plan in plans {
      for index in plan.needs {
        if slots[index] < firstSlot { number(index, query, firstSlot, planLoad.count) }
        needed.append(slots[index])
      }
      firstNeed.append(needed.count)
      planLoad.append(plan.load)
    }
    firstPlan.append(planLoad.count)
    let width = max(1, (slotIndex.count - firstSlot + 63) / 64)
    firstFurther.append(furtherSlots.count)
    for plan in firstPlanHere..<planLoad.count {
      var words = [UInt64](repeating: 0, count: width)
      for slot in needed[firstNeed[plan]..<firstNeed[plan + 1]] {
        words[slotBits[slot].word - firstWord[query]] |= slotBits[slot].bits
      }
      planSlots.append(words[0])
      furtherSlots += words.dropFirst()
    }
    firstWord.append(firstWord[query] + width)
  }

  private mutating func number(_ index: Int, _ query: Int, _ firstSlot: Int, _ plan: Int) {
    let place = slotIndex.count - firstSlot
    slots[index] = slotIndex.count
    slotIndex.append(index)
    slotQuery.append(query)
    slotBits.append(
      SlotBits(
        query: query, word: firstWord[query] + place >> 6, bits: 1 << UInt64(place & 63), cheapest: plan,
        slot: slots[index]))
    slotsNeeding[index].append(slotBits[slotBits.count - 1])
  }
}
