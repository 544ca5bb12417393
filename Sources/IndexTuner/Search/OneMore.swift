// Which plan would serve a statement if one index more were built: what most steps of the local search come down to.

/// By slot, what building its index alone would save; worked out afresh only where a statement's indexes have
/// changed. For statements whose slots stand in one word.
struct OneMore {
  /// Of each slot in a word; negative where nothing is brought.
  private var gains: [Double]
  /// By word, what was not built when that was worked out; 0 where it was not.
  private var open: [UInt64]

  init(_ program: MasterProgram) {
    gains = Array(repeating: -1, count: program.wordQuery.count << 6)
    open = Array(repeating: 0, count: program.wordQuery.count)
  }

  /// What the statement saves with the index of one slot, of those that are open; negative where that brings no other plan.
  mutating func gain(
    ofBuilding slot: UInt64, in word: Int, open: UInt64, servedBy present: Int, in program: MasterProgram
  ) -> Double {
    if self.open[word] != open { workOut(word, open, present, program) }
    return gains[word << 6 + slot.trailingZeroBitCount]
  }

  private mutating func workOut(_ word: Int, _ open: UInt64, _ present: Int, _ program: MasterProgram) {
    self.open[word] = open
    for slot in word << 6..<(word + 1) << 6 { gains[slot] = -1 }
    for plan in program.firstPlan[program.wordQuery[word]]..<present {
      // It lacks something, or it would serve.
      let lacking = program.planSlots[plan] & open
      guard lacking & (lacking - 1) == 0 else { continue }
      let slot = word << 6 + lacking.trailingZeroBitCount
      if gains[slot] < 0 { gains[slot] = program.planLoad[present] - program.planLoad[plan] }
    }
  }
}
