// Which index can do another one's work: plans that nobody asked for follow from those that are known.

import Database

/// By candidate, the candidates that hold all that it holds, in the same order, and more.
///
/// A plan that uses an index could use one of these in its place, for little more: what it costs exactly is asked once the
/// program would build on it.
struct StandIns: Sendable {
  /// Narrow ones first.
  private let wider: [[Int]]
  /// Close to no statement: what several want, put together.
  private let merged: IndexSet

  init(for problem: SearchProblem) {
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
    self.wider = wider
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
  func wider(than member: Int, for relevant: IndexSet, popular: IndexSet) -> [Int] {
    let open = wider[member].filter { relevant.contains($0) }
    return Array(open.filter { popular.contains($0) }.prefix(most))
      + open.filter { merged.contains($0) && !popular.contains($0) }.prefix(most)
  }

  /// Of each kind, for one index in one plan.
  private let most: Int
  /// Plans of one statement that others are derived from, the cheapest first.
  let plans: Int
  /// The share of what a plan saves that a wider index is thought to take.
  static let price = 0.002
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
