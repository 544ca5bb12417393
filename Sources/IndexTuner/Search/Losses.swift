// What is built, by what would be missed of it: what local steps give back when something else is built.

/// Which of many numbers have been met; forgets all at once.
struct Marks {
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
struct Losses {
  let entries: [(index: Int, ratio: Double)]
  /// As in `MasterSelection.losses`.
  let standingIn: [Int]
  let all: [Double]
  /// By slot that a plan needs that serves, what its statement would lose.
  let ofSlot: [Double]
  init(of selection: MasterSelection, in program: MasterProgram) {
    (all, ofSlot, standingIn) = selection.losses(in: program)
    let losses = all
    let ratios = selection.members.map { (index: $0, ratio: losses[$0] / max(program.bytes[$0], 1)) }
    entries = ratios.sorted(by: Victims.isLess)
  }

  /// What is least missed a byte.
  static func least(of selection: MasterSelection, in program: MasterProgram) -> Int? {
    let losses = selection.losses(in: program).losses
    var least: (index: Int, ratio: Double)?
    for index in losses.indices where selection.built[index] {
      let ratio = losses[index] / max(program.bytes[index], 1)
      if ratio < least?.ratio ?? .infinity { least = (index, ratio) }
    }
    return least?.index
  }
}

/// What may go, least missed a byte first: all that is built but for what is marked, and what is released.
struct Victims: IteratorProtocol {
  typealias Victim = (index: Int, ratio: Double)

  private let entries: [Victim]
  private let marks: Marks
  private let released: [Victim]
  private var entry = 0
  private var place = 0

  init(of losses: Losses, but marks: Marks, and released: inout [Victim]) {
    released.sort(by: Self.isLess)
    (entries, self.marks, self.released) = (losses.entries, marks, released)
  }

  mutating func next() -> Victim? {
    while entry < entries.count, marks.contains(entries[entry].index) { entry += 1 }
    let hasEntry = entry < entries.count
    if place < released.count, !hasEntry || Self.isLess(released[place], entries[entry]) {
      place += 1
      return released[place - 1]
    }
    guard hasEntry else { return nil }
    entry += 1
    return entries[entry - 1]
  }

  static func isLess(_ one: Victim, _ other: Victim) -> Bool {
    one.ratio != other.ratio ? one.ratio < other.ratio : one.index < other.index
  }
}
