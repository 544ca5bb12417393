// What the planner is shown of a statement's candidates first: of many tables and many candidates only the narrow ones.

import Database

/// Each visible index of a wide join takes the planner time: tenfold with a hundred of them. What begins a family tells whether
/// its wider members are worth a look.
struct Views: Sendable {
  let isStaged: [Bool]
  /// Close candidates that begin a family: none is narrower and begins alike.
  let narrow: [IndexSet]
  /// What is shown first.
  let first: [IndexSet]
  private let close: [IndexSet]
  private let sizes: [Int64]
  /// By candidate, the load of the statements that it is close to.
  private let demand: [Double]
  private let familyOf: [Int]
  private let families: [IndexSet]

  init(of problem: SearchProblem) {
    let candidates = problem.candidates
    var numbers: [Family: Int] = [:]
    var familyOf: [Int] = []
    var members: [[Int]] = []
    for (position, candidate) in candidates.enumerated() {
      let family = Family(table: candidate.table, first: candidate.keys.first)
      let number = numbers[family] ?? members.count
      if number == members.count {
        numbers[family] = number
        members.append([])
      }
      members[number].append(position)
      familyOf.append(number)
    }
    self.familyOf = familyOf
    families = members.map { IndexSet($0) }
    close = problem.close
    sizes = problem.sizes
    demand = zip(problem.close, problem.loads).reduce(into: candidates.map { _ in 0 }) { demand, statement in
      for member in statement.0.members { demand[member] += statement.1 }
    }
    let staged = problem.close.map { own in
      own.count > Thoroughness.stagedCandidates
        && Set(own.members.map { candidates[$0].table }).count > Thoroughness.stagedTables
    }
    let narrow = problem.close.map { own in
      own.filter { member in
        let kin = members[familyOf[member]]
        return !kin.contains { own.contains($0) && candidates[member].holdsAll(of: candidates[$0]) }
      }
    }
    first = staged.indices.map { staged[$0] ? narrow[$0] : problem.close[$0] }
    self.narrow = narrow
    isStaged = staged
  }

  private struct Family: Hashable {
    let table: RelationID
    let first: IndexDefinition.Key?
  }

  /// Narrow candidates that a budget holds together, those that most load asks for first: of a plan that does not fit
  /// nothing can be built, and what many statements ask for is paid for once.
  func narrow(for query: Int, within budget: Int64) -> IndexSet {
    var room = budget
    let wanted = narrow[query].members.sorted {
      demand[$0] != demand[$1] ? demand[$0] > demand[$1] : (sizes[$0], $0) < (sizes[$1], $1)
    }
    return IndexSet(
      wanted.filter { member in
        guard sizes[member] <= room else { return false }
        room -= sizes[member]
        return true
      })
  }

  /// What the statement was shown first, with all that begins like one of `used`.
  func families(of used: IndexSet, for query: Int) -> IndexSet {
    let kin = Set(used.members.map { familyOf[$0] }).sorted().reduce(IndexSet()) { $0.union(families[$1]) }
    return first[query].union(kin.intersection(close[query]))
  }
}
