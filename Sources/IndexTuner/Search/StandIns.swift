// Which index can do another one's work: plans that nobody asked for follow from those that are known.

import Database

/// By candidate, the candidates that hold all that it holds, in the same order, and more; and of small ones, those that
/// hold a part of it.
///
/// A plan that uses an index could use one of these in its place, for little more: what it costs exactly is asked once the
/// program would build on it. Without the small ones, plans that differ in nothing else would each ask for their own.
struct StandIns: Sendable {
  /// One of them, and the share of what a plan saves that it is thought to take.
  typealias Other = (member: Int, price: Double)

  /// Narrow ones first.
  private let wider: [[Int]]
  /// Wide ones first.
  private let narrower: [[Int]]
  /// Close to no statement: what several want, put together.
  private let merged: IndexSet

  /// - Parameter isSmall: whether leaving a candidate out buys nothing.
  init(for problem: SearchProblem, isSmall: (Int) -> Bool) {
    let (candidates, sizes) = (problem.candidates, problem.sizes)
    let families = Dictionary(grouping: candidates.indices) { position in
      Family(table: candidates[position].table, first: candidates[position].keys.first)
    }
    var wider = [[Int]](repeating: [], count: candidates.count)
    for members in families.values where members.count > 1 {
      for member in members {
        wider[member] = members.filter { candidates[$0].holdsAll(of: candidates[member]) }
          .sorted { (sizes[$0], $0) < (sizes[$1], $1) }
      }
    }
    var narrower = [[Int]](repeating: [], count: candidates.count)
    for (member, others) in wider.enumerated() where isSmall(member) {
      for other in others where isSmall(other) { narrower[other].append(member) }
    }
    self.wider = wider
    self.narrower = narrower.map { $0.sorted { (sizes[$0], $0) > (sizes[$1], $1) } }
    let close = problem.close.reduce(IndexSet()) { $0.union($1) }
    merged = IndexSet(candidates.indices.filter { !close.contains($0) })
    // Every plan more makes the program larger.
    let isLarge = problem.loads.count > Thoroughness.manyStatements
    (most, plans) = isLarge ? (3, 6) : (5, 24)
  }

  private struct Family: Hashable {
    let table: RelationID
    let first: IndexDefinition.Key?
  }

  /// Those of which plans are made, and those that are put together.
  func others(than member: Int, for relevant: IndexSet, popular: IndexSet) -> [Other] {
    let open = wider[member].filter { relevant.contains($0) }
    let known = open.filter { popular.contains($0) }.prefix(most)
    let merged = open.filter { self.merged.contains($0) && !popular.contains($0) }.prefix(most)
    let small = narrower[member].filter { relevant.contains($0) && popular.contains($0) }.prefix(most)
    return (known + merged).map { ($0, 0.002) } + small.map { ($0, 0.01) }
  }

  /// Of each kind, for one index in one plan.
  private let most: Int
  /// Plans of one statement that others are derived from, the cheapest first.
  let plans: Int
}

extension IndexDefinition {
  /// Whether this is another btree that begins like `other` and has every column of it.
  func holdsAll(of other: IndexDefinition) -> Bool {
    self != other && method == .btree && other.method == .btree && predicate == other.predicate
      && keys.count >= other.keys.count && keys.starts(with: other.keys)
      && other.included.allSatisfy { name in
        included.contains(name) || keys.contains { $0.isPlain && $0.column == name }
      }
  }
}
