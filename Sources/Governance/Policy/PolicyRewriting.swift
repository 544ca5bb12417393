// Puts what a policy makes of a relation in the relation's place: in the text and in the tree, which have to agree.

import Database
import SQLSyntax

/// What stands for a relation, as text and as a tree; made once for a relation under a policy.
struct StandInQuery: Sendable {
  struct Key: Hashable {
    var policy: EffectivePolicy
    var relation: UInt32
    var isFenced: Bool
    var isOnly: Bool
  }

  /// In brackets.
  var text: String
  var shown: String
  /// The relation's own name, as an alias.
  var alias: Node
  var masked: [String]

  init?(_ standIn: RelationStandIn, isOnly: Bool, for principal: Principal) {
    let entry = standIn.entry
    let name = quotedName(entry.name)
    var columns: [String] = []
    var shownColumns: [String] = []
    var masked: [String] = []
    for column in entry.columns where standIn.rule.has(column.name) {
      let stored = "\(name).\(quotedName(column.name))"
      let masks = standIn.rule.masks[column.name] ?? []
      if masks.isEmpty {
        let column = standIn.isFenced ? Self.withoutStatistics(stored, as: quotedName(column.name)) : stored
        columns.append(column)
        shownColumns.append(column)
        continue
      }
      masked.append("\(entry.schema).\(entry.name).\(column.name)")
      let expression = MaskExpression(type: column.type)
      var (value, shown) = (stored, stored)
      for (place, mask) in masks.enumerated() {
        value = expression.sql(mask, of: value, column: column.name, isStored: place == 0)
        var keyless = mask
        keyless.key = ""
        shown = expression.sql(keyless, of: shown, column: column.name, isStored: place == 0)
      }
      columns.append("\(value) AS \(quotedName(column.name))")
      shownColumns.append("\(shown) AS \(quotedName(column.name))")
    }
    let filters = standIn.rule.filters.map { "(\(PolicyText.bound($0, to: principal))\n)" }
    let stored = "\(isOnly ? "ONLY " : "")\(quotedName(entry.schema)).\(name)"
    var rest = " AS \(name)"
    if !filters.isEmpty { rest += " WHERE \(filters.joined(separator: " AND "))" }
    if standIn.isSorted {
      let places = entry.columns.filter { standIn.rule.has($0.name) }.enumerated()
        .filter { KeyGrouping.isComparable($0.element.type) }.map { "\($0.offset + 1)" }
      if !places.isEmpty { rest += " ORDER BY \(places.joined(separator: ", "))" }
    }
    if standIn.isFenced { rest += " OFFSET 0" }
    if let view = standIn.view, standIn.rule.isEmpty {
      (text, shown) = ("(\(view.text)\n)", "(\(view.shown)\n)")
    } else {
      let view = standIn.view
      let source = view.map { "(\($0.text)\n)" } ?? stored
      text = "(SELECT \(columns.joined(separator: ", ")) FROM \(source)\(rest))"
      shown = "(SELECT \(shownColumns.joined(separator: ", ")) FROM \(view.map { "(\($0.shown)\n)" } ?? stored)\(rest))"
    }
    self.masked = masked + (standIn.view?.masked ?? [])
    // What stands in brackets has to be one query, whatever an operator has written into it.
    guard let statements = try? parse("SELECT FROM \(text) AS \(name)"), statements.count == 1,
      let select = statements.first?.node, let item = select.children(.fromClause).first, item.kind == .rangeSubselect,
      select.fields.allSatisfy({ [.fromClause, .limitOption, .op].contains($0.name) }),
      select.children(.fromClause).count == 1, let alias = item.child(.alias), item.child(.subquery) != nil
    else { return nil }
    self.alias = alias
  }

  /// To estimate a condition the planner runs its operator over common values of the column, hidden rows' among them,
  /// and looks through a fence for them. An expression has no statistics. This one has the column's type, also where
  /// that is a domain, and stays as it is: what depends on the clock is not computed while planning.
  private static func withoutStatistics(_ column: String, as name: String) -> String {
    "CASE WHEN pg_catalog.now() IS NULL THEN \(column) ELSE \(column) END AS \(name)"
  }

  /// A query in brackets that stands for any other while a statement is checked.
  static let placeholderText = "(SELECT 17)"
  static let placeholder = (try? parse("SELECT 17"))?.first?.node
}

extension Weigher {
  /// - Returns: nil where what came out is not what was meant.
  mutating func rewritten(
    _ statement: Statement, _ standIns: [RelationStandIn], under policy: EffectivePolicy
  ) -> PolicedText? {
    guard !standIns.isEmpty else {
      return PolicedText(
        text: statement.text, shown: statement.text, masked: [], filtered: [], fenced: [], pieces: [],
        offset: statement.offset)
    }
    let plain = PlainMentions(statement)
    let grouping = plain.hasGroups ? KeyGrouping(statement, standIns) : nil
    let namesakes = Namesakes(statement, standIns)
    if !plain.hasLongColumns, namesakes.names.isEmpty, grouping?.edits.isEmpty ?? true,
      let replacing = replacing(standIns, plain.relations, policy, at: { plain.place(of: $0).map { ($0, false) } })
    {
      // Where nobody hurries, the tree is looked at as well.
      assert(isProven(replacing, statement, [], [:], grouping))
      return replacing.policed(statement, standIns, [])
    }
    guard let mentions = MentionedText(statement),
      let replacing = replacing(standIns, plain.relations, policy, namesakes, at: mentions.place)
    else { return nil }
    let columns = mentions.qualifiedColumns(of: standIns, plain.relations, namesakes)
    let others = columns.edits + (grouping?.edits ?? [])
    guard isProven(replacing, statement, others, columns.replacements, grouping) else { return nil }
    return replacing.policed(statement, standIns, others)
  }

  /// - Parameter place: of a relation's text, and whether it is `TABLE t`.
  private mutating func replacing(
    _ standIns: [RelationStandIn], _ nodes: [Int: Node], _ policy: EffectivePolicy, _ namesakes: Namesakes? = nil,
    at place: (Node) -> (range: Range<Int>, isTable: Bool)?
  ) -> Replacing? {
    var replacing = Replacing()
    for standIn in standIns {
      guard let node = nodes[standIn.position], let place = place(node),
        let query = query(standIn, isOnly: !node.flag(.inh), policy)
      else { return nil }
      let name = namesakes?.names[standIn.position]
      replacing.add(query, for: standIn, node, as: name, at: place.range, isTable: place.isTable)
    }
    return replacing
  }

  /// Whether the changed text means what is meant. A query in brackets is one wherever it stands: each was parsed by
  /// itself, so here a short one stands for it.
  private func isProven(
    _ replacing: Replacing, _ statement: Statement, _ others: [Edit], _ columns: [Int: Node], _ grouping: KeyGrouping?
  ) -> Bool {
    guard let placeholder = StandInQuery.placeholder else { return false }
    let nodes = replacing.aliases.mapValues { alias in
      Node(.rangeSubselect, [(.subquery, .node(placeholder)), (.alias, .node(alias))])
    }
    let below = Self.intended(statement.node, nodes.merging(columns) { one, _ in one }, grouping)
    let intended = below.kind == .selectStmt ? grouping?.extended(below) ?? below : below
    return statement.rewritten(by: replacing.checked + others, into: intended) != nil
  }

  /// - Parameter replacements: of relations and columns, by their places.
  private static func intended(_ node: Node, _ replacements: [Int: Node], _ grouping: KeyGrouping?) -> Node {
    node.rebuiltBelow { node in
      switch node.kind {
      case .rangeVar, .columnRef: replacements[node.integer(.location)]
      case .selectStmt:
        grouping.map { $0.extended(intended(node, replacements, $0)) } ?? intended(node, replacements, nil)
      default: nil
      }
    }
  }

  private mutating func query(_ standIn: RelationStandIn, isOnly: Bool, _ policy: EffectivePolicy) -> StandInQuery? {
    let key = StandInQuery.Key(
      policy: policy, relation: standIn.entry.id, isFenced: standIn.isFenced, isOnly: isOnly)
    if let known = standInQueries[key] { return known }
    guard let made = StandInQuery(standIn, isOnly: isOnly, for: policy.principal) else { return nil }
    if standInQueries.count >= Self.keptQueries { standInQueries = [:] }
    standInQueries[key] = made
    return made
  }

  private static let keptQueries = 1_000
}

/// What takes the place of what in one statement.
private struct Replacing {
  /// With short queries, for looking at the tree.
  private(set) var checked: [Edit] = []
  private var real: [Edit] = []
  private var shown: [Edit] = []
  /// What each query is called, by the place of its relation in the tree.
  private(set) var aliases: [Int: Node] = [:]
  private var masked: Set<String> = []

  mutating func add(
    _ query: StandInQuery, for standIn: RelationStandIn, _ node: Node, as name: String?, at range: Range<Int>,
    isTable: Bool
  ) {
    let alias = node.child(.alias)
    let suffix = alias == nil ? " AS \(quotedName(name ?? standIn.entry.name))" : ""
    let prefix = isTable ? "SELECT * FROM " : ""
    checked.append(Edit(range, prefix + StandInQuery.placeholderText + suffix))
    real.append(Edit(range, prefix + query.text + suffix))
    shown.append(Edit(range, prefix + query.shown + suffix))
    aliases[standIn.position] = alias ?? name.map { Node(.alias, [(.aliasname, .text($0))]) } ?? query.alias
    masked.formUnion(query.masked)
  }

  /// - Parameter others: edits beside those of relations.
  func policed(_ statement: Statement, _ standIns: [RelationStandIn], _ others: [Edit]) -> PolicedText? {
    guard let changed = spliced(statement.text, real + others), let words = spliced(statement.text, shown + others)
    else { return nil }
    let filtered = standIns.filter { !$0.rule.filters.isEmpty }
    let inViews = standIns.flatMap { $0.view?.filtered ?? [] }
    return PolicedText(
      text: changed, shown: words, masked: masked.sorted(), filtered: Set(Self.names(filtered) + inViews).sorted(),
      fenced: Set(Self.names(filtered.filter(\.isFenced)) + inViews).sorted(),
      pieces: (real + others).map { edit in
        PolicedText.Piece(
          range: edit.range.lowerBound + statement.offset..<edit.range.upperBound + statement.offset,
          count: edit.replacement.utf8.count)
      }, offset: statement.offset)
  }

  private static func names(_ standIns: [RelationStandIn]) -> [String] {
    Set(standIns.map { "\($0.entry.schema).\($0.entry.name)" }).sorted()
  }
}
