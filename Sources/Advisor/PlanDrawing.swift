// Plans as lines: one a node, indented by depth, and what changed between two of them.

package import Database

/// One node of a plan as a line.
package struct PlanLine: Sendable, Equatable {
  package var depth: Int
  /// `Index Scan using orders_customer_id_idx on public.orders o`.
  package var label: String
  /// `Index Cond: (customer_id = 42)`, in EXPLAIN's order.
  package var conditions: [String]
  package var totalCost: Double
  package var rows: Double

  /// The tree before its children, as EXPLAIN prints it.
  package static func lines(of plan: Plan) -> [PlanLine] {
    var lines: [PlanLine] = []
    var open: [(node: Plan.Node, depth: Int)] = [(plan.root, 0)]
    while let (node, depth) = open.popLast() {
      lines.append(
        PlanLine(
          depth: depth, label: label(of: node), conditions: node.conditions.map { "\($0.label): \($0.text)" },
          totalCost: node.totalCost, rows: node.rows))
      for child in node.children.reversed() { open.append((child, depth + 1)) }
    }
    return lines
  }

  package static func label(of node: Plan.Node) -> String {
    var label = node.fullType
    if let index = node.index {
      label += node.type == "Bitmap Index Scan" ? " on \(index)" : " using \(index)"
    }
    if let relation = node.relation {
      label += " on " + (node.schema.map { "\(quotedIdentifier($0))." } ?? "") + quotedIdentifier(relation)
      if let alias = node.alias, alias != relation { label += " \(quotedIdentifier(alias))" }
    }
    return label
  }
}

/// What became of a plan, line by line: the longest common subsequence stays, the rest went or came.
package struct PlanDifference: Sendable {
  package enum Change: String, Sendable {
    case kept = " "
    case removed = "-"
    case added = "+"
  }

  package var lines: [(change: Change, line: PlanLine)]

  /// Plans of more nodes than this are shown one after the other instead.
  private static let bound = 400

  package init(from before: Plan, to after: Plan) {
    let (old, new) = (PlanLine.lines(of: before), PlanLine.lines(of: after))
    guard old.count <= Self.bound, new.count <= Self.bound else {
      lines = old.map { (.removed, $0) } + new.map { (.added, $0) }
      return
    }
    let lengths = Self.commonLengths(old, new)
    var lines: [(change: Change, line: PlanLine)] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, j < new.count, Self.isSame(old[i], new[j]) {
        lines.append((.kept, new[j]))
        (i, j) = (i + 1, j + 1)
      } else if j == new.count || (i < old.count && lengths[i + 1][j] >= lengths[i][j + 1]) {
        lines.append((.removed, old[i]))
        i += 1
      } else {
        lines.append((.added, new[j]))
        j += 1
      }
    }
    self.lines = lines
  }

  private static func isSame(_ left: PlanLine, _ right: PlanLine) -> Bool {
    left.label == right.label && left.conditions == right.conditions
  }

  /// `lengths[i][j]`: how many lines the tails from i and j have in common.
  private static func commonLengths(_ old: [PlanLine], _ new: [PlanLine]) -> [[Int]] {
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: new.count + 1), count: old.count + 1)
    for i in old.indices.reversed() {
      for j in new.indices.reversed() {
        lengths[i][j] =
          isSame(old[i], new[j]) ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    return lengths
  }
}
