// One statement's plan, with what stands out in it: the slowest nodes and the worst row estimates.

package import Database

/// A plan with marks.
package struct ExplainedPlan: Sendable {
  package var plan: Plan
  /// EXPLAIN ANALYZE was run: actual times and rows are there.
  package var isAnalyzed: Bool
  /// The nodes in the order they are drawn.
  package var nodes: [ExplainedNode]
  /// EXPLAIN's own JSON, where it was kept.
  package var source: [UInt8]?
  /// Hypothetical indexes that the plan uses, and those it does not, as they were given.
  package var usedHypothetical: [String]
  package var unusedHypothetical: [String]
}

/// One node, with figures of its own where EXPLAIN gives only sums.
package struct ExplainedNode: Sendable {
  package var depth: Int
  package var label: String
  package var conditions: [String]
  package var startupCost: Double
  package var totalCost: Double
  package var estimatedRows: Double
  /// Rows over all loops; nil without ANALYZE.
  package var actualRows: Double?
  /// Milliseconds in this node alone, over all loops; nil without ANALYZE.
  package var ownMilliseconds: Double?
  /// Share of the plan's time (with ANALYZE) or cost that is this node's own, 0…1.
  package var ownShare: Double
  /// How far the estimate is off: max(estimate, actual) / min(estimate, actual), at least 1; nil without ANALYZE.
  package var estimateError: Double?
  /// What the run has shown beside times: rows that were removed, memory and disk, buffers, workers.
  package var findings: [String] = []
  package var isSlowest = false
  package var isWorstEstimate = false
}

extension ExplainedPlan {
  /// The answer of `EXPLAIN (ANALYZE, FORMAT JSON)`.
  package init(parsingRun source: [UInt8]) throws(AdviceFailure) {
    do throws(DatabaseError) {
      self.init(marking: try Plan(parsing: source), isAnalyzed: true, source: source)
    } catch {
      throw AdviceFailure(error)
    }
  }

  /// Marks the nodes of a plan; pure. Estimates count as wrong from a factor of 10.
  package init(
    marking plan: Plan, isAnalyzed: Bool, source: [UInt8]? = nil, usedHypothetical: [String] = [],
    unusedHypothetical: [String] = []
  ) {
    self.plan = plan
    self.source = source
    self.isAnalyzed = isAnalyzed
    self.usedHypothetical = usedHypothetical
    self.unusedHypothetical = unusedHypothetical
    var nodes: [ExplainedNode] = []
    // Below a Gather the loops of workers run side by side: their times are shared out, not added up.
    var open: [(node: Plan.Node, depth: Int, workers: Double)] = [(plan.root, 0, 1)]
    let total = isAnalyzed ? Self.milliseconds(of: plan.root, workers: 1) ?? 0 : plan.root.totalCost
    while let (node, depth, workers) = open.popLast() {
      nodes.append(Self.node(node, depth: depth, workers: workers, isAnalyzed: isAnalyzed, total: total))
      let below = Self.workers(below: node, above: workers)
      for child in node.children.reversed() { open.append((child, depth + 1, below)) }
    }
    let slowest = nodes.indices.sorted { nodes[$0].ownShare > nodes[$1].ownShare }.prefix(3)
    for position in slowest where nodes[position].ownShare >= 0.1 { nodes[position].isSlowest = true }
    let worst = nodes.indices.max { (nodes[$0].estimateError ?? 1) < (nodes[$1].estimateError ?? 1) }
    if let worst, (nodes[worst].estimateError ?? 1) >= 10 { nodes[worst].isWorstEstimate = true }
    self.nodes = nodes
  }

  private static func node(
    _ node: Plan.Node, depth: Int, workers: Double, isAnalyzed: Bool, total: Double
  ) -> ExplainedNode {
    let own: Double
    if isAnalyzed {
      let below = Self.workers(below: node, above: workers)
      let children = node.children.reduce(0) { $0 + (milliseconds(of: $1, workers: below) ?? 0) }
      own = max(0, (milliseconds(of: node, workers: workers) ?? 0) - children)
    } else {
      own = max(0, node.totalCost - node.children.reduce(0) { $0 + $1.totalCost })
    }
    let actual = node.actualRows.map { $0 * (node.actualLoops ?? 1) }
    let error = isAnalyzed && (node.actualLoops ?? 0) > 0 ? node.actualRows.map { estimateError(node.rows, $0) } : nil
    return ExplainedNode(
      depth: depth, label: PlanLine.label(of: node), conditions: node.conditions.map { "\($0.label): \($0.text)" },
      startupCost: node.startupCost, totalCost: node.totalCost, estimatedRows: node.rows, actualRows: actual,
      ownMilliseconds: isAnalyzed ? own : nil, ownShare: total > 0 ? min(1, own / total) : 0, estimateError: error,
      findings: isAnalyzed ? RunFindings(node).lines : [])
  }

  /// Both sides are at least one row: an estimate of 1 for none is the planner's smallest.
  private static func estimateError(_ estimate: Double, _ actual: Double) -> Double {
    let (estimate, actual) = (max(estimate, 1), max(actual, 1))
    return max(estimate, actual) / min(estimate, actual)
  }

  private static func milliseconds(of node: Plan.Node, workers: Double) -> Double? {
    let loops = max(node.actualLoops ?? 1, 0)
    return node.actualTotalTime.map { $0 * loops / min(workers, max(loops, 1)) }
  }

  /// Processes that run what is below a node: the leader takes part in a Gather.
  private static func workers(below node: Plan.Node, above workers: Double) -> Double {
    node.workersLaunched.map { Double($0) + 1 } ?? workers
  }
}
