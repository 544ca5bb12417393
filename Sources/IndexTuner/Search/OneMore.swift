// Which plan would serve a statement if one index more were built: what most steps of the local search come down to.

/// By slot, what building its index alone would save; worked out afresh only where a statement's indexes have
/// changed. For statements whose slots stand in one word.
struct OneMore {
  /// What that saves; negative where nothing is brought.
  private var gains: [Double]
  /// By statement, what was not built when that was worked out.
  private var open: [UInt64?]
  private let firstSlot: [Int]

  init(_ program: MasterProgram) {
    gains = Array(repeating: 0, count: program.slotIndex.count)
    open = Array(repeating: nil, count: program.queryCount)
    firstSlot = program.slotQuery.reduce(into: Array(repeating: 0, count: program.queryCount + 1)) { $0[$1 + 1] += 1 }
      .reduce(into: []) { $0.append(($0.last ?? 0) + $1) }
  }

  /// What the statement saves with the index of one slot, of those that are open; negative where that brings no other plan.
  mutating func gain(
    ofBuilding slot: UInt64, for query: Int, open: UInt64, servedBy present: Int, in program: MasterProgram
  ) -> Double {
    if self.open[query] != open { workOut(query, open, present, program) }
    return gains[firstSlot[query] + slot.trailingZeroBitCount]
  }

  private mutating func workOut(_ query: Int, _ open: UInt64, _ present: Int, _ program: MasterProgram) {
    self.open[query] = open
    for slot in firstSlot[query]..<firstSlot[query + 1] { gains[slot] = -1 }
    for plan in program.firstPlan[query]..<present {
      // It lacks something, or it would serve.
      let lacking = program.planSlots[plan] & open
      guard lacking & (lacking - 1) == 0 else { continue }
      let slot = firstSlot[query] + lacking.trailingZeroBitCount
      if gains[slot] < 0 { gains[slot] = program.planLoad[present] - program.planLoad[plan] }
    }
  }
}
