// What a SELECT does besides choosing rows: it decides whether the planner flattens it into the query around it.

import SQLSyntax

/// Facts of the text of one SELECT, without looking into its subqueries.
struct SelectTraits {
  let isSetOperation: Bool
  let isValues: Bool
  let isGrouped: Bool
  let hasGroupingSets: Bool
  let hasHaving: Bool
  private(set) var hasAggregates = false
  private(set) var hasWindows = false
  private(set) var returnsSets = false
  let isDistinct: Bool
  let isDistinctOn: Bool
  let isLimited: Bool
  let isSorted: Bool
  let isLocked: Bool
  let hasWith: Bool

  init(_ select: Node) {
    let operation = select.symbol(.op)
    isSetOperation = operation != nil && operation != .SETOP_NONE
    isValues = !select.children(.valuesLists).isEmpty
    let groups = select.children(.groupClause)
    isGrouped = !groups.isEmpty
    hasGroupingSets = groups.contains { $0.kind == .groupingSet }
    hasHaving = select.child(.havingClause) != nil
    let distinct = Self.distinct(select)
    isDistinct = distinct != nil
    isDistinctOn = !(distinct ?? []).isEmpty
    isLimited = Self.limits(select.child(.limitCount)) || Self.limits(select.child(.limitOffset))
    isSorted = !select.children(.sortClause).isEmpty
    isLocked = !select.children(.lockingClause).isEmpty
    hasWith = select.child(.withClause) != nil
    let expressions = select.children(.targetList) + select.children(.havingClause) + select.children(.sortClause)
    for expression in expressions { look(at: expression) }
  }

  /// The planner pulls it up: conditions, joins and orderings outside are conditions, joins and orderings inside
  /// (`is_simple_subquery` in the server's prepjointree.c).
  var isFlat: Bool {
    !isSetOperation && !isValues && !isGrouped && !hasHaving && !hasAggregates && !hasWindows && !returnsSets
      && !isDistinct && !isLimited && !isSorted && !isLocked && !hasWith
  }

  /// EXISTS over it becomes a join: its select list, ORDER BY, DISTINCT and plain GROUP BY do not matter there.
  var joinsInExists: Bool {
    !isSetOperation && !hasAggregates && !hasWindows && !returnsSets && !hasGroupingSets && !hasHaving && !isLocked
      && !hasWith
  }

  /// One row for each group, or one in all.
  var isAggregated: Bool { isGrouped || hasHaving || hasAggregates }

  /// The first row needs all rows: a LIMIT saves nothing below.
  var returnsEveryRowFirst: Bool { isAggregated || hasWindows || (isDistinct && !isDistinctOn) }

  /// nil without DISTINCT, empty for plain DISTINCT, else the list of DISTINCT ON.
  static func distinct(_ select: Node) -> [Node]? {
    guard let value = select[.distinctClause] else { return nil }
    guard case .list(let nodes) = value, !nodes.isEmpty else { return [] }
    // The grammar marks plain DISTINCT by a list that holds one empty place.
    return nodes.filter { $0.kind != .node }
  }

  private static func limits(_ node: Node?) -> Bool {
    guard let node else { return false }
    return !(node.kind == .aConst && node.flag(.isnull))
  }

  private mutating func look(at root: Node) {
    var calls: [Node] = []
    forEachNode(under: root) { node in
      if node.kind == .funcCall { calls.append(node) }
      return node.kind != .subLink && node.kind != .selectStmt
    }
    for call in calls {
      let name = call.children(.funcname).last?.text(.sval) ?? ""
      if call.child(.over) != nil {
        hasWindows = true
      } else if Self.isAggregate(call, named: name) {
        hasAggregates = true
      }
      if Self.setReturning.contains(name) { returnsSets = true }
    }
  }

  static func isAggregate(_ call: Node, named name: String) -> Bool {
    call.flag(.aggStar) || call.flag(.aggDistinct) || call.flag(.aggWithinGroup) || call.child(.aggFilter) != nil
      || !call.children(.aggOrder).isEmpty || aggregates.contains(name)
  }

  // https://www.postgresql.org/docs/current/functions-aggregate.html
  private static let aggregates: Set<String> = [
    "any_value", "array_agg", "avg", "bit_and", "bit_or", "bit_xor", "bool_and", "bool_or", "corr", "count",
    "covar_pop", "covar_samp", "every", "json_agg", "json_agg_strict", "json_object_agg", "jsonb_agg",
    "jsonb_agg_strict", "jsonb_object_agg", "max", "min", "mode", "percentile_cont", "percentile_disc", "range_agg",
    "range_intersect_agg", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope",
    "regr_sxx", "regr_sxy", "regr_syy", "stddev", "stddev_pop", "stddev_samp", "string_agg", "sum", "var_pop",
    "var_samp", "variance", "xmlagg",
  ]
  // https://www.postgresql.org/docs/current/functions-srf.html
  private static let setReturning: Set<String> = [
    "generate_series", "generate_subscripts", "unnest", "regexp_matches", "regexp_split_to_table", "string_to_table",
    "json_array_elements", "jsonb_array_elements", "json_array_elements_text", "jsonb_array_elements_text",
    "json_each", "jsonb_each", "json_object_keys", "jsonb_object_keys",
  ]
}
