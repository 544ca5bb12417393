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
  /// Bytes and loss of the first n together.
  private let bytes: [Double]
  private let lost: [Double]

  init(of selection: MasterSelection, in program: MasterProgram) {
    let (losses, standingIn) = selection.losses(in: program)
    self.standingIn = standingIn
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
    let losses = selection.losses(in: program).losses
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
