// ORDER BY, GROUP BY, DISTINCT, windows, min and max: lists of columns that an index could deliver in order.

import Database
import SQLSyntax

extension Reading {
  // MARK: - What a sort or group entry names

  /// An ORDER BY, DISTINCT ON or GROUP BY entry: a position, a result column's name, or an expression. ORDER BY looks
  /// at result names first, GROUP BY at input columns first
  /// (https://www.postgresql.org/docs/current/sql-select.html#SQL-ORDERBY).
  func sortValue(_ node: Node, _ outputs: [OutputColumn], in scope: Scope, isGroup: Bool) -> BoundValue {
    if node.kind == .aConst, let position = node.child(.ival)?.integer(.ival), position > 0 {
      guard position <= outputs.count else { return .unknown }
      return outputs[position - 1].value
    }
    if let name = Self.bareName(node), !(isGroup && hasInputColumn(name, in: scope)),
      let output = outputs.first(where: { $0.name == name })
    {
      return output.value
    }
    return value(node, in: scope)
  }

  private static func bareName(_ node: Node) -> String? {
    guard node.kind == .columnRef else { return nil }
    let fields = node.children(.fields)
    return fields.count == 1 && fields[0].kind == .string ? fields[0].text(.sval) : nil
  }

  func sortKey(_ node: Node, _ outputs: [OutputColumn], in scope: Scope, isWindow: Bool = false) -> RequestedOrder.Key {
    let expression = node.child(.node) ?? node
    let found =
      isWindow ? value(expression, in: scope) : sortValue(expression, outputs, in: scope, isGroup: false)
    var isDescending = node.symbol(.sortbyDir) == .SORTBY_DESC
    var spots = found.flatSpots
    let distance = Self.distance(expression)
    if let distance { nearest(distance, in: scope) }
    if node.symbol(.sortbyDir) == .SORTBY_USING {
      switch node.children(.useOp).last?.text(.sval) {
      case "<": isDescending = false
      case ">": isDescending = true
      default: spots = []
      }
    }
    let nullsFirst =
      switch node.symbol(.sortbyNulls) {
      case .SORTBY_NULLS_FIRST: true
      case .SORTBY_NULLS_LAST: false
      default: isDescending
      }
    // Nothing is spelled where the operator is not the usual one.
    let spelling =
      spots.isEmpty && found.isLocal && node.symbol(.sortbyDir) != .SORTBY_USING && distance == nil
        && !isRank(expression, found)
      ? found.spelling : nil
    let isExpression = spelling.map { $0.form == .call || $0.form == .other } ?? false
    return RequestedOrder.Key(
      spots: spots, spelling: isExpression ? spelling : nil, isDescending: isDescending, nullsFirst: nullsFirst)
  }

  /// `column <-> constant` in ORDER BY: the nearest first.
  private static func distance(_ node: Node) -> Node? {
    let isDistance = ["<->", "<=>", "<#>", "<+>"].contains(node.children(.name).last?.text(.sval) ?? "")
    return node.kind == .aExpr && isDistance ? node : nil
  }

  /// How well a row fits one text that is searched for: an index on that would serve this text alone.
  private func isRank(_ node: Node, _ found: BoundValue) -> Bool {
    let name = node.kind == .funcCall ? node.children(.funcname).last?.text(.sval) ?? "" : ""
    let isSimilarity = ["similarity", "word_similarity", "strict_word_similarity"].contains(name)
    guard isSimilarity || ["ts_rank", "ts_rank_cd", "levenshtein", "levenshtein_less_equal"].contains(name) else {
      return false
    }
    if let use = found.spelling?.use {
      let cure =
        isSimilarity
        ? "ORDER BY column <-> text LIMIT … is served by a GiST index with gist_trgm_ops"
        : "narrow the rows by a condition"
      obstruct([use], "\(name)(…) ranks every row, and an index on it would serve one text only; \(cure)")
    }
    return true
  }

  private func nearest(_ node: Node, in scope: Scope) {
    let name = node.children(.name).last?.text(.sval) ?? ""
    for side in [node.child(.lexpr), node.child(.rexpr)].compactMap({ $0 }) {
      let found = value(side, in: scope)
      guard let use = found.spelling?.use, let key = found.spelling?.key,
        let type = typeName(of: found).map(ColumnTypes.normalized)
      else { continue }
      if ["point", "box", "circle", "polygon", "geometry", "geography"].contains(type) {
        add([.lookup(use: use, .init(key: key, kind: .geometry, operatorName: name, typeName: type))])
      } else {
        obstruct(
          [use],
          "\(key.target) \(name) … gives the nearest of type \(type): an index of its extension (GiST, HNSW) may serve it, "
            + "which is not proposed here")
      }
      return
    }
  }

  private static func ascending(_ value: BoundValue) -> RequestedOrder.Key {
    RequestedOrder.Key(spots: value.flatSpots, isDescending: false, nullsFirst: false)
  }

  // MARK: - Clauses

  /// The grouped columns; ROLLUP counts as its whole list, of CUBE and GROUPING SETS the longest list is delivered in order.
  func grouping(of node: Node, _ outputs: [OutputColumn], in scope: Scope) -> [BoundValue] {
    var groups: [BoundValue] = []
    var sets: [BoundValue] = []
    var isPlain = true
    for entry in node.children(.groupClause) {
      guard entry.kind == .groupingSet else {
        groups += sortValues(entry, outputs, in: scope)
        continue
      }
      if entry.symbol(.kind) == .GROUPING_SET_ROLLUP {
        groups += entry.children(.content).flatMap { sortValues($0, outputs, in: scope) }
      } else {
        isPlain = false
        let lists = groupingLists(of: entry, outputs, in: scope)
        sets += lists.max { $0.count < $1.count } ?? []
      }
    }
    let delivered = isPlain ? groups : groups + sets
    if !delivered.isEmpty { add(group: delivered.map(\.flatSpots)) }
    return groups
  }

  private func groupingLists(
    of node: Node, _ outputs: [OutputColumn], in scope: Scope
  ) -> [[BoundValue]] {
    let lists = node.children(.content).map { entry in
      guard entry.kind == .groupingSet else { return sortValues(entry, outputs, in: scope) }
      return entry.children(.content).flatMap { sortValues($0, outputs, in: scope) }
    }
    return node.symbol(.kind) == .GROUPING_SET_SETS ? lists : [lists.flatMap { $0 }]
  }

  /// `(a, b)` in GROUP BY is a list, not a row.
  private func sortValues(_ node: Node, _ outputs: [OutputColumn], in scope: Scope) -> [BoundValue] {
    let entries = node.kind == .rowExpr ? node.children(.args) : [node]
    return entries.map { sortValue($0, outputs, in: scope, isGroup: true) }
  }

  /// PARTITION BY lists of all windows; each with its ORDER BY is an order to sort by.
  func windows(of node: Node, in scope: Scope) -> [[BoundValue]] {
    var definitions = node.children(.windowClause)
    for definition in definitions { _ = value(definition, in: scope) }
    for root in node.children(.targetList) + node.children(.sortClause) {
      forEachNode(under: root) { inner in
        if inner.kind == .funcCall, let over = inner.child(.over) { definitions.append(over) }
        return inner.kind != .subLink && inner.kind != .selectStmt
      }
    }
    var partitions: [String: [BoundValue]] = [:]
    var found: [[BoundValue]] = []
    for definition in definitions {
      let named = definition.text(.refname).isEmpty ? definition.text(.name) : definition.text(.refname)
      let own = definition.children(.partitionClause)
      let inherited = own.isEmpty ? partitions[named] : nil
      let partition = inherited ?? own.filter { $0.kind == .columnRef }.map { column($0, in: scope) }
      let isWhole = inherited == nil ? partition.count == own.count : !definition.children(.orderClause).isEmpty
      if !definition.text(.name).isEmpty { partitions[definition.text(.name)] = partition }
      found.append(partition)
      guard isWhole else { continue }
      let sorted = definition.children(.orderClause).map { windowKey($0, in: scope) }
      let keys = partition.map(Self.ascending) + sorted
      if !keys.isEmpty { add(order: RequestedOrder(keys: keys, isLimited: false)) }
    }
    return found
  }

  /// Expressions were read with the call already; here only plain columns matter.
  private func windowKey(_ node: Node, in scope: Scope) -> RequestedOrder.Key {
    guard node.child(.node)?.kind == .columnRef else {
      return RequestedOrder.Key(spots: [], isDescending: false, nullsFirst: false)
    }
    return sortKey(node, [], in: scope, isWindow: true)
  }

  func ordering(
    of node: Node, _ traits: SelectTraits, _ outputs: [OutputColumn], distinct: [BoundValue]?, in scope: Scope
  ) {
    let keys = node.children(.sortClause).map { sortKey($0, outputs, in: scope) }
    let hasLimit = traits.isLimited && node.child(.limitCount) != nil
    let stopsEarly = (hasLimit || scope.stopsEarly) && !traits.returnsEveryRowFirst
    if !keys.isEmpty {
      add(order: RequestedOrder(keys: keys, isLimited: stopsEarly))
    } else if let distinct, !distinct.isEmpty {
      add(order: RequestedOrder(keys: distinct.map(Self.ascending), isLimited: stopsEarly))
    }
  }

  /// `min(col)` and `max(col)` over one FROM item become an index scan that stops at the first row
  /// (`preprocess_minmax_aggregates` in the server's planagg.c: every aggregate of the query must be one).
  func noteExtremes(of outputs: [OutputColumn], _ node: Node, in scope: Scope) {
    guard scope.items.filter(\.showsColumns).count == 1 else { return }
    var found: [[Spot]] = []
    for target in node.children(.targetList) {
      var isLone = true
      forEachNode(under: target) { inner in
        guard inner.kind == .funcCall, inner.child(.over) == nil else { return inner.kind != .subLink }
        let name = inner.children(.funcname).last?.text(.sval) ?? ""
        guard SelectTraits.isAggregate(inner, named: name) else { return true }
        let arguments = inner.children(.args)
        let isExtreme = (name == "min" || name == "max") && arguments.count == 1 && inner.child(.aggFilter) == nil
        if isExtreme, arguments[0].kind == .columnRef {
          found.append(column(arguments[0], in: scope).flatSpots)
        } else {
          isLone = false
        }
        return false
      }
      guard isLone else { return }
    }
    for spots in found where !spots.isEmpty { add(extreme: spots) }
  }
}
