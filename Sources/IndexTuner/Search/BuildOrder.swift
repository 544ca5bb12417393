// In which order the chosen indexes pay off.

/// By what is remembered: the index, or the few together, that save most apiece come first.
struct BuildOrder {
  private let program: MasterProgram

  init(_ program: MasterProgram) { self.program = program }

  func order(of configuration: IndexSet) -> [Int] {
    var selection = MasterSelection(in: program)
    let wanted = program.candidates.indices.filter { configuration.contains(program.candidates[$0]) }
    var order: [Int] = []
    while order.count < wanted.count {
      var best: (members: [Int], gain: Double)?
      for members in steps(from: selection, among: wanted) {
        var next = selection
        next.toggle(members, in: program)
        let gain = (selection.load - next.load) / Double(members.count)
        if gain > best?.gain ?? -.infinity { best = (members, gain) }
      }
      guard let best else { break }
      selection.toggle(best.members, in: program)
      order += best.members
    }
    let found = order.map { program.candidates[$0] }
    return found + configuration.members.filter { !found.contains($0) }
  }

  /// Each index alone, and what a plan lacks of several.
  private func steps(from selection: MasterSelection, among wanted: [Int]) -> [[Int]] {
    let open = Set(wanted.filter { !selection.built[$0] })
    var steps = open.sorted().map { [$0] }
    for query in 0..<program.queryCount {
      for plan in program.firstPlan[query]..<selection.serving[query] {
        let missing = program.missing(of: plan, in: selection.built)
        if missing.count > 1, missing.allSatisfy(open.contains), !steps.contains(missing) { steps.append(missing) }
      }
    }
    return steps
  }
}
