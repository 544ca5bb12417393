// How a plan reads one table: what can be concluded from it about an index that is not there.

import Database

/// The scans of one relation, or of its partitions, in a plan.
struct TableScans {
  struct Scan {
    /// EXPLAIN's own name of the node.
    var type: String
    /// The existing index that is used.
    var index: String?
    /// Rows that leave the scan, over all workers.
    var rows: Double
    var cost: Double
    /// Searched by a condition, not read from one end to the other.
    var isSearch: Bool

    /// Conditions are tried on the rows as they come.
    var isFiltered = false

    var isWhole: Bool { type == "Seq Scan" }
    /// In the order of an index, until enough rows are found: most of the table where few fulfil the conditions.
    var isWalk: Bool { type == "Index Scan" && !isSearch && isFiltered }
  }

  private(set) var scans: [Scan] = []

  init(of relation: Relation, in plan: Plan, _ catalog: Catalog) {
    let names = Set([relation.name] + relation.leaves.compactMap { catalog[$0]?.name })
    look(at: plan.root, for: names, workers: 1)
  }

  var indexes: [String] { Reading.unique(scans.compactMap(\.index)) }
  var rows: Double { scans.reduce(0) { $0 + $1.rows } }
  var isWhole: Bool { scans.contains(where: \.isWhole) }

  private mutating func look(at node: Plan.Node, for names: Set<String>, workers: Double) {
    if let relation = node.relation, names.contains(relation), node.type != "ModifyTable" {
      let index = node.index ?? node.children.lazy.compactMap(Self.bitmapIndex).first
      let isParallel = node.details.contains { $0.label == "Parallel Aware" && $0.text == "true" }
      scans.append(
        Scan(
          type: node.type, index: index, rows: node.rows * (isParallel ? workers : 1), cost: node.totalCost,
          isSearch: Self.hasCondition(node), isFiltered: node.conditions.contains { $0.label == "Filter" }))
    }
    var below = workers
    if let planned = node.details.first(where: { $0.label == "Workers Planned" }).flatMap({ Double($0.text) }) {
      // The leader works along the less the more workers there are (`get_parallel_divisor` in the server's costsize.c).
      below = planned + max(0, 1 - 0.3 * planned)
    }
    for child in node.children { look(at: child, for: names, workers: below) }
  }

  private static func hasCondition(_ node: Plan.Node) -> Bool {
    if node.conditions.contains(where: { $0.label == "Index Cond" }) { return true }
    return node.type == "Bitmap Heap Scan"
  }

  static func bitmapIndex(_ node: Plan.Node) -> String? {
    var open = [node]
    while let next = open.popLast() {
      if let index = next.index { return index }
      open += next.children.reversed()
    }
    return nil
  }
}
