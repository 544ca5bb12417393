// Why a statement gets no new index: in words, from its shape, its plan and what was refused.

import Database

/// An explanation for each table that a statement reads; pure.
struct WhyNoIndex {
  let workload: Workload
  let settings: SearchSettings
  let limits: Limits
  /// What HypoPG would not create.
  let refused: [RefusedCandidate]
  /// Why candidates that HypoPG cannot price were not proposed, by statement.
  let unpriced: [Int: [String]]
  /// Of the search: who has not come to the end has weighed nothing against its size.
  let ending: SearchOutcome.Ending

  /// For a statement that gains little from the indexes it gets: what stands in the way of more.
  func hints(for outcome: QueryOutcome) -> [String] {
    outcome.query.shape.uses.flatMap { use in
      workload.catalog[use.table].map { refusals([use], $0) } ?? []
    }
  }

  /// Never empty. `share`: of the workload's time, where that is known.
  func reasons(for outcome: QueryOutcome, plan: Plan?, share: Double?) -> [String] {
    let shape = outcome.query.shape
    var reasons: [String] = []
    if let share, share < settings.minimumShare {
      let thousandths = Int((settings.minimumShare * 1_000).rounded())
      reasons.append(
        "it takes less of the workload's time than an index must save at least (\(thousandths) thousandth"
          + "\(thousandths == 1 ? "" : "s"))")
    }
    if shape.uses.isEmpty {
      reasons.append(
        shape.command == .insert
          ? "an INSERT of given rows searches nothing: each index only makes it dearer"
          : hidden(in: plan) ?? "reads no table of the database: there is nothing to search")
    }
    reasons += unpriced[outcome.query.id] ?? []
    let declined = declined(outcome, share: share)
    reasons += [declined?.words].compactMap { $0 }
    let tables = Reading.unique(shape.uses.map(\.table))
    for table in tables {
      guard let relation = workload.catalog[table] else { continue }
      if declined?.tables.contains(table) == true {
        reasons += refusals(shape.uses.filter { $0.table == table }, relation)
        continue
      }
      reasons += self.reasons(for: shape.uses.filter { $0.table == table }, of: relation, plan)
    }
    if reasons.isEmpty { reasons.append("no candidate made it cheaper by more than the least gain worth an index") }
    return Array(Reading.unique(reasons).prefix(limits.reasons))
  }

  /// Tables that the planner meets where it takes a function in SQL apart.
  private func hidden(in plan: Plan?) -> String? {
    var found: [(name: String, index: String?)] = []
    var open = [plan?.root].compactMap { $0 }
    while let node = open.popLast() {
      if let name = node.relation { found.append((name, node.index ?? TableScans.bitmapIndex(node))) }
      open += node.children
    }
    let whole = Reading.unique(found.filter { $0.index == nil }.map(\.name)).sorted()
    let indexes = Reading.unique(found.compactMap(\.index)).sorted()
    guard !found.isEmpty else { return nil }
    if whole.isEmpty { return "what it reads inside a function is already served by \(Self.list(indexes))" }
    return
      "\(Self.list(whole)) is read inside a function, which is not looked into: give the statement in it by --query"
  }

  private static func list(_ names: [String]) -> String { names.map(quotedIdentifier).joined(separator: ", ") }

  /// What would have served it, and was not worth what it takes.
  private func declined(_ outcome: QueryOutcome, share: Double?) -> (words: String, tables: Set<RelationID>)? {
    guard let plan = outcome.declined, !plan.indexes.isEmpty,
      plan.cost < outcome.costAfter * (1 - settings.minimumImprovement)
    else { return nil }
    let indexes = plan.indexes.map { "\($0.qualifiedTable) \($0.body)" }.joined(separator: " with ")
    let percent = Int((100 * (1 - plan.cost / outcome.costAfter)).rounded(.down))
    let size = megabytes(plan.bytes)
    let saved = share.map { $0 * (1 - plan.cost / outcome.costAfter) / Double(plan.indexes.count) }
    let why =
      switch ending {
      case .complete where saved.map { $0 < settings.minimumShare } ?? false:
        "that is less of the workload's time than an index must save: it would take \(size)"
      case .timeLimit, .interrupted: "the search ended before it was weighed: it would take \(size)"
      case .indexLimit: "there are as many indexes as --max-indexes allows: it would take \(size)"
      case .complete where settings.storageBudget == nil:
        "that is too little for \(size) of disk and the upkeep (--exchange-rate; within a --budget only bytes count)"
      case .complete: "the budget goes to what saves more: it would take \(size)"
      }
    return ("\(indexes) would make it \(percent) % cheaper, and \(why)", Set(plan.indexes.map(\.table)))
  }

  private func megabytes(_ bytes: Int64) -> String {
    let tenths = (bytes * 10 + 524_288) / 1_048_576
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) MB" : "\((tenths + 5) / 10) MB"
  }

  private func reasons(for uses: [TableUse], of relation: Relation, _ plan: Plan?) -> [String] {
    let name = quotedIdentifier(relation.name)
    if relation.isSystem { return ["\(name) is a system catalog or a temporary table: no index is proposed there"] }
    switch relation.kind {
    case .foreignTable: return ["\(name) is a foreign table: its indexes are on the server where it lives"]
    case .view, .other: return ["\(name) could not be looked into"]
    case .table, .partitionedTable, .materializedView: break
    }
    let obstacles = Reading.unique(uses.flatMap(\.obstacles)).map { "\(name): \($0)" }
    let refusals = self.refusals(uses, relation)
    guard let plan else {
      let known = refusals + obstacles
      return known.isEmpty ? [tried(uses, name)] : known
    }
    let scans = TableScans(of: relation, in: plan, workload.catalog)
    guard !scans.scans.isEmpty else {
      return refusals + obstacles + ["\(name) is not read at all: the planner proved that it need not be"]
    }
    guard scans.isWhole else {
      let indexes = scans.indexes.map(quotedIdentifier).joined(separator: ", ")
      guard !indexes.isEmpty else {
        return [
          scans.scans.contains { $0.type == "Sample Scan" }
            ? "\(name) is sampled block by block: TABLESAMPLE uses no index"
            : "\(name) is read by row identifier: nothing is faster"
        ]
      }
      let how =
        scans.scans.contains(where: \.isSearch)
        ? "is already served by \(indexes)"
        : "is read through \(indexes) from one end, in its order or without visiting the table"
      return ["\(name) \(how)"] + refusals + obstacles
    }
    if relation.heapPages < limits.smallestTablePages {
      let pages = max(1, Int(relation.heapPages))
      return ["\(name) is too small: \(pages) page\(pages == 1 ? "" : "s"), read as fast as any index"]
    }
    return refusals + obstacles
      + [whole(uses, relation, scans, name, isExplained: !(refusals + obstacles).isEmpty)]
      .compactMap { $0 }
  }

  /// Why the planner still reads the whole table.
  private func whole(
    _ uses: [TableUse], _ relation: Relation, _ scans: TableScans, _ name: String, isExplained: Bool
  ) -> String? {
    let isSearched = uses.contains(where: Self.isSearched)
    guard let rows = relation.rowEstimate, rows > 0 else {
      return "\(name) was never analysed, so nothing is known about its conditions: run ANALYZE first"
    }
    let share = min(1, scans.scans.filter(\.isWhole).reduce(0) { $0 + $1.rows } / rows)
    let percent = share * 100 >= 1 ? "\(Int((share * 100).rounded()))" : "less than 1"
    if let guessed = guessed(uses, share, relation) { return guessed }
    // What the condition leaves does not matter where no index can hold it.
    if uses.allSatisfy({ $0.equalities.isEmpty && $0.ranges.isEmpty }), !refusals(uses, relation).isEmpty { return nil }
    if isSearched && share >= 0.02 {
      let unknown = Reading.unique(uses.flatMap(\.expressions).map(\.key.target)).first.map {
        "; that is a guess: nothing is known of the values of \($0) until CREATE STATISTICS (from PostgreSQL 14) and ANALYZE"
      }
      return
        "the conditions on \(name) are not selective: about \(percent) % of its rows are wanted, and reading the whole "
        + "table is cheaper than fetching so many through an index" + (unknown ?? "")
    }
    if isSearched { return isExplained ? nil : tried(uses, name) }
    if uses.contains(where: { !$0.joins.isEmpty }) {
      return
        "\(name) is joined as a whole: reading it once and joining all rows is cheaper than one search for each row"
    }
    if uses.contains(where: { !$0.groupings.isEmpty || !$0.orderings.isEmpty }) {
      return
        "all rows of \(name) are wanted: grouping or sorting them is cheaper than reading them in the order of an index"
    }
    return isExplained ? nil : "all rows of \(name) are wanted: there is no condition that an index could search by"
  }

  /// Of a range of an expression without statistics the planner takes a third of the rows (DEFAULT_INEQ_SEL).
  private func guessed(_ uses: [TableUse], _ share: Double, _ relation: Relation) -> String? {
    guard (0.32...0.345).contains(share), uses.allSatisfy({ $0.equalities.isEmpty && $0.ranges.isEmpty }),
      let key = uses.flatMap(\.expressions).first(where: { $0.role == .range })?.key, refusals(uses, relation).isEmpty
    else { return nil }
    let table = "\(quotedIdentifier(relation.schema)).\(quotedIdentifier(relation.name))"
    let bare = key.target.hasPrefix("(") ? key.target : "(\(key.target))"
    return
      "nothing is known of the values of \(key.target), so the planner takes a third of the rows of "
      + "\(quotedIdentifier(relation.name)) for wanted, too many for an index: from PostgreSQL 14, run CREATE STATISTICS "
      + "\(quotedIdentifier(relation.name + "_expression")) ON \(bare) FROM \(table), ANALYZE it, and ask again"
  }

  /// What a value depends on besides the row, and how to do without.
  private static func influence(on key: IndexDefinition.Key, _ relation: Relation) -> (String, cure: String?) {
    let text = key.expression ?? ""
    if text.hasPrefix("to_tsvector(") {
      return (
        "default_text_search_config",
        "with the configuration named, to_tsvector('english', …), in the statement and in the index, it is immutable"
      )
    }
    if text.hasPrefix("unaccent(") {
      return ("a dictionary that may change", "an IMMUTABLE function of your own around it can be indexed")
    }
    guard key.furtherColumns.isEmpty, relation.column(key.column)?.typeName.contains("time zone") == true else {
      return ("settings or on other data", nil)
    }
    let column = quotedIdentifier(key.column)
    return (
      "settings such as the time zone",
      text.contains("interval")
        ? "with the interval on the other side of the comparison an index on \(column) serves it"
        : "compare \(column) itself with both ends of the range (>= … AND < …)"
    )
  }

  private static func isSearched(_ use: TableUse) -> Bool {
    !use.equalities.isEmpty || !use.ranges.isEmpty || !use.prefixes.isEmpty || !use.expressions.isEmpty
      || !use.arms.isEmpty || !use.lookups.isEmpty
  }

  private func tried(_ uses: [TableUse], _ name: String) -> String {
    var named: [String] = []
    for use in uses {
      let columns: [String] = use.equalities + use.ranges + use.prefixes + use.joins.map(\.column)
      named += columns.map(quotedIdentifier) + use.expressions.map(\.key.target)
    }
    named = Reading.unique(named)
    let least = Int((settings.minimumImprovement * 100).rounded())
    guard !named.isEmpty else { return "\(name) has no condition in it that an index could search by" }
    let what = named.prefix(6).joined(separator: ", ")
    return
      "indexes on \(what) of \(name) were priced: the planner would not use them, or they save less than \(least) % "
      + "of the statement or too little for their size"
  }

  /// Expressions that HypoPG would not have in an index.
  private func refusals(_ uses: [TableUse], _ relation: Relation) -> [String] {
    let keys =
      uses.flatMap(\.expressions).map(\.key) + uses.flatMap(\.orderings).flatMap(\.keys)
      + uses.flatMap(\.lookups).map(\.key)
    var reasons: [String] = []
    for key in keys where key.expression != nil {
      let place = "ON \(quotedIdentifier(relation.schema)).\(quotedIdentifier(relation.name)) "
      let own = refused.first { $0.definition.contains(place) && $0.definition.contains(key.target) }
      guard let own else { continue }
      if own.reason.contains("IMMUTABLE") {
        let (influence, cure) = Self.influence(on: key, relation)
        reasons.append(
          "\(key.target) is not immutable, its value depends on \(influence), so no index can hold it"
            + (cure.map { "; \($0)" } ?? ""))
      } else {
        reasons.append("an index on \(key.target) was refused: \(own.reason)")
      }
    }
    return Reading.unique(reasons)
  }
}
