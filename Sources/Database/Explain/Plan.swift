// A whole plan, as `EXPLAIN (FORMAT JSON)` tells it.

internal import JSON

/// The tree of one planned or analysed statement.
package struct Plan: Sendable {
  /// One node and what stands below it.
  package struct Node: Sendable {
    /// For instance `Index Scan`, `Hash Join`, `Aggregate`; a join's kind is in `details`.
    package var type: String
    /// `Outer`, `Inner`, `InitPlan`, `SubPlan`, `Member`, …
    package var relationship: String?
    /// The name of a subplan or common table expression that starts here.
    package var subplanName: String?
    package var relation: String?
    /// Only in verbose plans.
    package var schema: String?
    package var alias: String?
    package var index: String?
    package var startupCost: Double
    package var totalCost: Double
    /// Rows the planner expects of one execution.
    package var rows: Double
    /// Bytes of a row.
    package var width: Int
    /// Milliseconds to the first row of one execution; only after ANALYZE, as the other `actual…`.
    package var actualStartupTime: Double?
    /// Milliseconds of one execution, on average.
    package var actualTotalTime: Double?
    /// Rows of one execution, on average; 0 loops mean never executed.
    package var actualRows: Double?
    package var actualLoops: Double?
    package var sharedHitBlocks: Int64?
    package var sharedReadBlocks: Int64?
    package var tempReadBlocks: Int64?
    package var tempWrittenBlocks: Int64?
    /// Conditions, filters, keys: EXPLAIN's label and text, in EXPLAIN's order.
    package var conditions: [(label: String, text: String)]
    /// Everything else that EXPLAIN says of the node in one word or number, for instance `Join Type` and `Left`.
    package var details: [(label: String, text: String)]
    package var children: [Node]
  }

  package var root: Node
  /// Milliseconds; nil without ANALYZE (or SUMMARY).
  package var planningTime: Double?
  package var executionTime: Double?
  /// Settings that differ from the defaults, where asked for.
  package var settings: [(name: String, value: String)]

  /// - Throws: `.protocolViolation` where the text is no plan.
  package init(parsing bytes: [UInt8]) throws(DatabaseError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no JSON")
    }
    guard let whole = value[0], let root = whole["Plan"]?.object else {
      throw DatabaseError(code: .protocolViolation, message: "EXPLAIN gave no plan")
    }
    self.root = Node(root)
    planningTime = whole["Planning Time"]?.double
    executionTime = whole["Execution Time"]?.double
    settings = (whole["Settings"]?.object?.entries ?? []).map { ($0.key, $0.value.string ?? "") }
  }

  /// The nodes of the tree, each before its children.
  package var nodes: [Node] {
    var nodes: [Node] = []
    var open = [root]
    while let node = open.popLast() {
      nodes.append(node)
      open += node.children.reversed()
    }
    return nodes
  }

  /// The index of every index scan, in order, with repetitions.
  package var indexNames: [String] { nodes.compactMap(\.index) }

  /// The same plan with other names for its indexes.
  package func renamingIndexes(_ name: (String) -> String) -> Plan {
    func renamed(_ node: Node) -> Node {
      var copy = node
      copy.index = node.index.map(name)
      copy.children = node.children.map(renamed)
      return copy
    }
    var copy = self
    copy.root = renamed(root)
    return copy
  }
}

extension Plan.Node {
  /// As EXPLAIN's text form names the node: `Parallel Seq Scan`, `HashAggregate`, `Hash Anti Join`, `Update`.
  package var fullType: String {
    func detail(_ label: String) -> String? { details.first { $0.label == label }?.text }
    var full = type
    switch (type, detail("Join Type"), detail("Strategy")) {
    case ("ModifyTable", _, _): full = detail("Operation") ?? type
    case ("Nested Loop", let join?, _) where join != "Inner": full = "Nested Loop \(join) Join"
    case ("Hash Join", let join?, _) where join != "Inner": full = "Hash \(join) Join"
    case ("Merge Join", let join?, _) where join != "Inner": full = "Merge \(join) Join"
    case ("Aggregate", _, "Sorted"): full = "GroupAggregate"
    case ("Aggregate", _, "Hashed"): full = "HashAggregate"
    case ("Aggregate", _, "Mixed"): full = "MixedAggregate"
    default: break
    }
    if let mode = detail("Partial Mode"), mode != "Simple" { full = "\(mode) \(full)" }
    if detail("Parallel Aware") == "true" { full = "Parallel \(full)" }
    return detail("Scan Direction") == "Backward" ? "\(full) Backward" : full
  }

  /// Parallel workers that took part beside the leader; only after EXPLAIN ANALYZE, and only of a Gather.
  package var workersLaunched: Int? {
    details.first { $0.label == "Workers Launched" }.flatMap { Int($0.text) }
  }

  /// What has a place of its own.
  private static let known: Set<String> = [
    "Node Type", "Parent Relationship", "Subplan Name", "Relation Name", "Schema", "Alias", "Index Name",
    "Startup Cost", "Total Cost", "Plan Rows", "Plan Width", "Actual Startup Time", "Actual Total Time",
    "Actual Rows", "Actual Loops", "Plans", "Async Capable", "Disabled",
  ]

  private static let conditionLabels: Set<String> = [
    "Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond", "TID Cond", "Order By",
    "Sort Key", "Presorted Key", "Group Key", "Grouping Sets", "One-Time Filter", "Cache Key", "Run Condition",
    "Function Call", "Function Name", "CTE Name", "Conflict Filter",
  ]

  fileprivate init(_ object: JSONObject) {
    type = object["Node Type"]?.string ?? ""
    relationship = object["Parent Relationship"]?.string
    subplanName = object["Subplan Name"]?.string
    relation = object["Relation Name"]?.string
    schema = object["Schema"]?.string
    alias = object["Alias"]?.string
    index = object["Index Name"]?.string
    startupCost = object["Startup Cost"]?.double ?? 0
    totalCost = object["Total Cost"]?.double ?? 0
    rows = object["Plan Rows"]?.double ?? 0
    width = object["Plan Width"]?.double.flatMap { Int(exactly: $0) } ?? 0
    actualStartupTime = object["Actual Startup Time"]?.double
    actualTotalTime = object["Actual Total Time"]?.double
    actualRows = object["Actual Rows"]?.double
    actualLoops = object["Actual Loops"]?.double
    sharedHitBlocks = object["Shared Hit Blocks"]?.integer
    sharedReadBlocks = object["Shared Read Blocks"]?.integer
    tempReadBlocks = object["Temp Read Blocks"]?.integer
    tempWrittenBlocks = object["Temp Written Blocks"]?.integer
    conditions = []
    details = []
    for (label, value) in object.entries where !Self.known.contains(label) {
      guard let text = Self.text(value) else { continue }
      if Self.conditionLabels.contains(label) {
        conditions.append((label, text))
      } else {
        details.append((label, text))
      }
    }
    children = (object["Plans"]?.array ?? []).compactMap { $0.object.map { Plan.Node($0) } }
  }

  /// One line for a scalar or a list of scalars; nil for anything deeper.
  private static func text(_ value: JSONValue) -> String? {
    switch value {
    case .string(let text): return text
    case .integer(let number): return "\(number)"
    case .number(let number): return "\(number)"
    case .bool(let flag): return flag ? "true" : "false"
    case .array(let elements):
      let texts = elements.compactMap(text)
      return texts.count == elements.count ? texts.joined(separator: ", ") : nil
    case .null, .object: return nil
    }
  }
}
