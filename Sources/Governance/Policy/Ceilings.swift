// What a policy lets a statement cost, by PostgreSQL's own estimate: it is planned first, in the transaction in which it
// would run.

import Database
import SQLSyntax

/// Bounds of a plan.
package struct Ceilings: Sendable, Hashable {
  /// In the planner's units: https://www.postgresql.org/docs/current/runtime-config-query.html
  package var cost: Double?
  /// Rows that a statement may read of tables and indexes from end to end, all of them together.
  package var scannedRows: Int?

  package init(cost: Double? = nil, scannedRows: Int? = nil) {
    self.cost = cost
    self.scannedRows = scannedRows
  }

  package var isEmpty: Bool { cost == nil && scannedRows == nil }

  /// - Returns: why the plan is too dear. Says nothing of the estimate itself, which knows hidden rows.
  /// - Parameter isNaming: whether the caller may see which tables stand behind the statement.
  func refusal(of plan: Plan, rows: [ScannedRelation: Double], isNaming: Bool) -> Verdict? {
    if let cost, plan.root.totalCost > cost {
      return Verdict(
        rejecting: "policy-cost",
        because: "PostgreSQL expects the statement to cost more than the policy allows (\(Self.written(cost)))",
        wayOut:
          "Ask for less: fewer rows, by a column that has an index. explain_query shows the plan where that is granted."
      )
    }
    if let scannedRows {
      let scans = plan.fullScans
      let total = scans.reduce(0) { $0 + ($1.share * max(0, rows[$1.relation] ?? .infinity)) }
      if total > Double(scannedRows) {
        let names = Set(scans.map { "\($0.relation.schema).\($0.relation.name)" }).sorted()
        let place = isNaming ? ", in \(names.prefix(3).joined(separator: ", "))" : ""
        return Verdict(
          rejecting: "policy-scan",
          because:
            "the statement would read more than \(scannedRows) rows from end to end\(place)",
          wayOut: "Add a condition that an index serves, or a LIMIT without a sort.")
      }
    }
    return nil
  }

  private static func written(_ cost: Double) -> String {
    cost < 1e15 && cost == cost.rounded() ? "\(Int64(cost))" : "\(cost)"
  }
}

/// A relation as a verbose plan names it.
package struct ScannedRelation: Sendable, Hashable {
  var schema: String
  var name: String
}

extension Plan {
  /// Relations that are read without a condition that an index serves, and how much of each: a LIMIT ends a scan early as
  /// long as nothing between them needs all rows first.
  var fullScans: [(relation: ScannedRelation, share: Double)] {
    var found: [(ScannedRelation, Double)] = []
    var open: [(node: Node, share: Double)] = [(root, 1)]
    while let (node, share) = open.popLast() {
      if let name = node.relation, node.isFullScan {
        found.append((ScannedRelation(schema: node.schema ?? "", name: name), share))
      }
      for child in node.children {
        var part = node.needsAllRows(of: child) ? 1 : share
        if node.type == "Limit", child.relationship == "Outer" {
          let (whole, needed) = (child.totalCost - child.startupCost, node.totalCost - node.startupCost)
          part *= whole > 0 ? min(1, max(0, needed / whole)) : 1
        }
        open.append((child, part))
      }
    }
    return found
  }
}

extension Plan.Node {
  fileprivate var isFullScan: Bool {
    switch type {
    case "Seq Scan", "Sample Scan", "Foreign Scan", "Custom Scan": true
    case "Index Scan", "Index Only Scan": !conditions.contains { $0.label == "Index Cond" || $0.label == "Order By" }
    default: false
    }
  }

  /// Whether a child is read to its end before the first row comes, as far as is known.
  fileprivate func needsAllRows(of child: Plan.Node) -> Bool {
    switch type {
    case "Limit", "Result", "Subquery Scan", "Append", "Merge Append", "Gather", "Gather Merge", "ProjectSet",
      "LockRows",
      "Unique", "Incremental Sort":
      child.relationship == "InitPlan" || child.relationship == "SubPlan"
    case "Nested Loop", "Hash Join", "Merge Join", "Group": child.relationship != "Outer"
    case "Aggregate": !details.contains { $0.label == "Strategy" && $0.text == "Sorted" }
    default: true
    }
  }
}

extension Session {
  /// Plans an admitted text as it would run now.
  /// - Parameter policed: what the text was made of.
  /// - Returns: the refusal, or nil where it may run.
  /// - Throws: what PostgreSQL says of it.
  func refusal(
    of text: String, _ values: [String?], above ceilings: Ceilings, behind policed: PolicedText?
  ) async throws -> Verdict? {
    guard let statement = (try? parse(text))?.first else { return .unplanned }
    var planned = statement.text
    if statement.node.kind == .explainStmt {
      guard statement.node.isRunWhereExplained else { return nil }
      guard let inner = statement.explainedQuery else { return .unplanned }
      planned = inner
    }
    switch (try? parse(planned))?.first?.kind {
    case .select, .insert, .update, .delete, .merge: break
    // SHOW and the like have no plan.
    case .utility?: return nil
    case nil: return .unplanned
    }
    let request = PlanRequest(planning: planned, parameters: values.map { PlanParameter(value: $0) }, isVerbose: true)
    let answer: StepRows
    do throws(DatabaseError) { answer = try await run([.plan(request)])[0].get() } catch {
      // What stands before an EXPLAIN's query is not counted: such a place would be wrong.
      var failure = ExecutionFailure(error)
      if planned == text, let place = error.position.map({ $0 - request.textOffset }) {
        failure.position = Executor.offset(of: place, in: text)
      }
      if let policed { failure.hide(behind: policed) }
      throw failure
    }
    guard let bytes = answer.rows.first?.first ?? nil else { return .unplanned }
    let plan = try Plan(parsing: bytes)
    let scans = ceilings.scannedRows == nil ? [] : Set(plan.fullScans.map(\.relation))
    var rows: [ScannedRelation: Double] = [:]
    if !scans.isEmpty {
      let names = scans.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
      let found = try await self.rows(
        Self.rowsOfRelations,
        [
          arrayLiteral(names.map(\.schema)), arrayLiteral(names.map(\.name)),
        ], as: CountedRelation.self)
      for relation in found { rows[ScannedRelation(schema: relation.schema, name: relation.name)] = relation.rows }
    }
    return ceilings.refusal(of: plan, rows: rows, isNaming: policed == nil)
  }

  private struct CountedRelation: Decodable {
    let schema: String
    let name: String
    let rows: Double
  }

  /// As the planner counts: rows per page, times the pages that there are now. A table that was never analyzed is taken to
  /// have rows of a hundred bytes.
  private static let rowsOfRelations: SQL = """
    SELECT w.schema, w.name, CASE
        WHEN c.relkind NOT IN ('r', 'm', 'p') THEN greatest(c.reltuples, 0)
        WHEN c.relpages > 0 AND c.reltuples >= 0 THEN c.reltuples::pg_catalog.float8 / c.relpages * p.pages
        ELSE p.pages * 80 END AS "rows"
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
        AS w (schema, name)
      JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema::pg_catalog.name
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.name::pg_catalog.name
      CROSS JOIN LATERAL (SELECT pg_catalog.pg_relation_size(c.oid)::pg_catalog.float8
        / pg_catalog.current_setting('block_size')::pg_catalog.float8) AS p (pages)
    """
}

extension Verdict {
  /// Where a ceiling holds, what cannot be planned does not run.
  fileprivate static let unplanned = Verdict(
    rejecting: "policy-cost", because: "a policy holds what statements may cost, and this one cannot be planned first",
    wayOut: "Use a plain SELECT, INSERT, UPDATE, DELETE or MERGE.")
}

extension Node {
  fileprivate var isRunWhereExplained: Bool {
    children(.options).contains {
      $0.text(.defname).lowercased() == "analyze" && !StatementReader.isFalse($0.child(.arg))
    }
  }
}
