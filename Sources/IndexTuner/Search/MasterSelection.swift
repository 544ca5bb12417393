// A choice in a master program: which indexes are built, and by which plan each statement then runs.

/// Indexes that are built in a master program, and what the workload then weighs.
struct MasterSelection: Sendable, Equatable {
  private(set) var built: [Bool]
  private(set) var count = 0
  private(set) var bytes = 0.0
  private(set) var load: Double
  /// The plan that serves each statement: the cheapest of which everything is built.
  private(set) var serving: [Int]
  /// By index, how many statements are served by a plan that needs it.
  private var users: [Int]
  /// As in `MasterProgram.firstWord`.
  private var words: [Word]

  private struct Word: Equatable {
    /// Slots whose index is not built.
    var open = UInt64.max
    /// Slots that the plan needs that serves.
    var used: UInt64 = 0
  }

  /// Nothing is built.
  init(in program: MasterProgram) {
    built = Array(repeating: false, count: program.indexCount)
    serving = (0..<program.queryCount).map { program.firstPlan[$0 + 1] - 1 }
    load = serving.reduce(0) { $0 + program.planLoad[$1] }
    users = Array(repeating: 0, count: program.indexCount)
    words = Array(repeating: Word(), count: program.firstWord[program.queryCount])
  }

  mutating func toggle(_ indexes: [Int], in program: MasterProgram) {
    for index in indexes { if built[index] { drop(index, in: program) } else { build(index, in: program) } }
  }

  mutating func build(_ index: Int, in program: MasterProgram) {
    built[index] = true
    count += 1
    bytes += program.bytes[index]
    load += program.upkeep[index]
    for place in program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1] {
      let slot = program.slotsNeeding[place]
      words[slot.word].open &= ~slot.bits
      // What is cheaper than the plan that serves lacks something else, up to the first that needs this index.
      guard slot.cheapest < serving[slot.query] else { continue }
      let plan = program.firstReady(of: slot.query, from: slot.cheapest) { words[$0].open }
      if plan != serving[slot.query] { serve(slot.query, by: plan, in: program) }
    }
  }

  mutating func drop(_ index: Int, in program: MasterProgram) {
    built[index] = false
    count -= 1
    bytes -= program.bytes[index]
    load -= program.upkeep[index]
    for place in program.firstSlotNeeding[index]..<program.firstSlotNeeding[index + 1] {
      let slot = program.slotsNeeding[place]
      words[slot.word].open |= slot.bits
      guard words[slot.word].used & slot.bits != 0 else { continue }
      let plan = program.firstReady(of: slot.query, from: serving[slot.query] + 1) { words[$0].open }
      serve(slot.query, by: plan, in: program)
    }
  }

  private mutating func serve(_ query: Int, by plan: Int, in program: MasterProgram) {
    let former = serving[query]
    load += program.planLoad[plan] - program.planLoad[former]
    serving[query] = plan
    for place in program.firstNeed[former]..<program.firstNeed[former + 1] { users[program.neededIndex[place]] -= 1 }
    for place in program.firstNeed[plan]..<program.firstNeed[plan + 1] { users[program.neededIndex[place]] += 1 }
    for word in program.firstWord[query]..<program.firstWord[query + 1] {
      words[word].used = program.slots(of: plan, query, word: word)
    }
  }

  /// What the statements would save if the indexes of some slots were built as well; each statement's stand together.
  /// - Parameters:
  ///   - one: knows what each would save alone.
  ///   - served: takes the statements that would be served otherwise, and the plans that serve them.
  func saved(
    byBuilding range: Range<Int>, of slots: [SharedBits], in program: MasterProgram, _ one: inout OneMore,
    _ served: inout [(query: Int, plan: Int)]
  ) -> Double {
    var saved = 0.0
    var end = range.lowerBound
    while end < range.upperBound {
      let begin = end
      let (word, query) = (Int(slots[begin].word), program.wordQuery[Int(slots[begin].word)])
      end += 1
      if program.hasOneWord(query) {
        let missing = words[word].open & slots[begin].bits
        guard missing != 0 else { continue }
        if missing & (missing - 1) == 0 {
          let gain = one.gain(
            ofBuilding: missing, in: word, open: words[word].open, servedBy: serving[query], in: program)
          guard gain >= 0 else { continue }
          saved += gain
          served.append((query, serving[query]))
          continue
        }
      } else {
        while end < range.upperBound && program.wordQuery[Int(slots[end].word)] == query { end += 1 }
      }
      let (present, plan) = (serving[query], plan(serving: query, besides: slots[begin..<end], in: program))
      guard plan != present else { continue }
      saved += program.planLoad[present] - program.planLoad[plan]
      served.append((query, present))
    }
    return saved
  }

  /// The plan that would serve a statement if the indexes of some of its slots were built as well.
  private func plan(serving query: Int, besides slots: ArraySlice<SharedBits>, in program: MasterProgram) -> Int {
    let from = slots.reduce(serving[query]) { min($0, Int($1.cheapest)) }
    return program.firstReady(of: query, from: from) { word in
      slots.reduce(words[word].open) { Int($1.word) == word ? $0 & ~$1.bits : $0 }
    }
  }

  /// Whether building the indexes of some slots would build anything new for their statement.
  func lacks(_ slots: SharedBits) -> Bool { words[Int(slots.word)].open & slots.bits != 0 }

  /// What the workload would weigh more without a built index.
  func loss(of index: Int, in program: MasterProgram) -> Double {
    var loss = -program.upkeep[index]
    var (left, place) = (users[index], program.firstSlotNeeding[index])
    while left > 0 {
      let slot = program.slotsNeeding[place]
      if words[slot.word].used & slot.bits != 0 {
        let present = serving[slot.query]
        loss += program.planLoad[other(than: present, without: slot, in: program)] - program.planLoad[present]
        left -= 1
      }
      place += 1
    }
    return loss
  }

  /// The same where these plans would have stood in, by slot, before some indexes were built as well: none of them brings
  /// a statement a plan in front of `news`. Of a statement that is served otherwise now, that is 0.
  func loss(of index: Int, in program: MasterProgram, standingIn: [Int], news: [Int]) -> Double {
    var loss = -program.upkeep[index]
    var (left, place) = (users[index], program.firstSlotNeeding[index])
    while left > 0 {
      let slot = program.slotsNeeding[place]
      if words[slot.word].used & slot.bits != 0 {
        let (present, first) = (serving[slot.query], news[slot.query])
        let other =
          standingIn[slot.slot] <= first
          ? standingIn[slot.slot] : self.other(than: max(present, first - 1), without: slot, in: program)
        loss += program.planLoad[other] - program.planLoad[present]
        left -= 1
      }
      place += 1
    }
    return loss
  }

  /// What the workload would weigh more without each index, 0 for what is not built; and for each slot that a plan needs that
  /// serves, what its statement would, and the plan that would stand in.
  func losses(in program: MasterProgram) -> (losses: [Double], ofSlot: [Double], standingIn: [Int]) {
    var losses = built.indices.map { built[$0] ? -program.upkeep[$0] : 0 }
    var standingIn = [Int](repeating: .max, count: program.slotIndex.count)
    var ofSlot = [Double](repeating: 0, count: program.slotIndex.count)
    for plan in serving {
      for place in program.firstNeed[plan]..<program.firstNeed[plan + 1] {
        let slot = program.needed[place]
        let other = other(than: plan, without: program.slotBits[slot], in: program)
        standingIn[slot] = other
        ofSlot[slot] = program.planLoad[other] - program.planLoad[plan]
        losses[program.neededIndex[place]] += ofSlot[slot]
      }
    }
    return (losses, ofSlot, standingIn)
  }

  /// The first plan behind one that could serve without a slot's index.
  private func other(than plan: Int, without slot: SlotBits, in program: MasterProgram) -> Int {
    program.firstReady(of: slot.query, from: plan + 1) { word in
      word == slot.word ? words[word].open | slot.bits : words[word].open
    }
  }

  func fits(_ program: MasterProgram) -> Bool { bytes <= program.budget && count <= program.maximumIndexes }

  var members: [Int] { built.indices.filter { built[$0] } }

  func configuration(in program: MasterProgram) -> IndexSet { IndexSet(members.map { program.candidates[$0] }) }
}
