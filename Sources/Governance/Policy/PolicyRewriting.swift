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
        columns.append(stored)
        shownColumns.append(stored)
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
    var rest = " FROM \(isOnly ? "ONLY " : "")\(quotedName(entry.schema)).\(name) AS \(name)"
    if !filters.isEmpty { rest += " WHERE \(filters.joined(separator: " AND "))" }
    if standIn.isFenced { rest += " OFFSET 0" }
    text = "(SELECT \(columns.joined(separator: ", "))\(rest))"
    shown = "(SELECT \(shownColumns.joined(separator: ", "))\(rest))"
    self.masked = masked
    // What stands in brackets has to be one query, whatever an operator has written into it.
    guard let statements = try? parse("SELECT FROM \(text) AS \(name)"), statements.count == 1,
      let select = statements.first?.node, let item = select.children(.fromClause).first, item.kind == .rangeSubselect,
      select.fields.allSatisfy({ [.fromClause, .limitOption, .op].contains($0.name) }),
      select.children(.fromClause).count == 1, let alias = item.child(.alias), item.child(.subquery) != nil
    else { return nil }
    self.alias = alias
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
    var (checked, real, shown): ([Edit], [Edit], [Edit]) = ([], [], [])
    var replacements: [Int: Node] = [:]
    var masked: Set<String> = []
    guard let mentions = MentionedText(statement), let placeholder = StandInQuery.placeholder else { return nil }
    var nodes: [Int: Node] = [:]
    statement.node.walk { node, _ in if node.kind == .rangeVar { nodes[node.integer(.location)] = node } }
    for standIn in standIns {
      guard let node = nodes[standIn.position], let place = mentions.place(of: node),
        let query = query(standIn, isOnly: !node.flag(.inh), policy)
      else { return nil }
      let ownAlias = node.child(.alias)
      let suffix = ownAlias == nil ? " AS \(quotedName(standIn.entry.name))" : ""
      let prefix = place.isTable ? "SELECT * FROM " : ""
      checked.append(Edit(place.range, prefix + StandInQuery.placeholderText + suffix))
      real.append(Edit(place.range, prefix + query.text + suffix))
      shown.append(Edit(place.range, prefix + query.shown + suffix))
      replacements[standIn.position] = Node(
        .rangeSubselect, [(.subquery, .node(placeholder)), (.alias, .node(ownAlias ?? query.alias))])
      masked.formUnion(query.masked)
    }
    let columns = mentions.qualifiedColumns(of: standIns, nodes)
    let grouping = KeyGrouping(statement, standIns)
    let others = columns.edits + grouping.edits
    let all = replacements.merging(columns.replacements) { one, _ in one }
    let below = Self.intended(statement.node, all, grouping)
    let intended = below.kind == .selectStmt ? grouping.extended(below) : below
    // A query in brackets is one wherever it stands: each was parsed by itself, so here a short one stands for it.
    guard statement.rewritten(by: checked + others, into: intended) != nil,
      let changed = spliced(statement.text, real + others), let words = spliced(statement.text, shown + others)
    else { return nil }
    let filtered = standIns.filter { !$0.rule.filters.isEmpty }
    return PolicedText(
      text: changed, shown: words, masked: masked.sorted(), filtered: Self.names(filtered),
      fenced: Self.names(filtered.filter(\.isFenced)),
      pieces: (real + others).map { edit in
        PolicedText.Piece(
          range: edit.range.lowerBound + statement.offset..<edit.range.upperBound + statement.offset,
          count: edit.replacement.utf8.count)
      }, offset: statement.offset)
  }

  /// - Parameter replacements: of relations and columns, by their places.
  private static func intended(_ node: Node, _ replacements: [Int: Node], _ grouping: KeyGrouping) -> Node {
    node.rebuiltBelow { node in
      switch node.kind {
      case .rangeVar, .columnRef: replacements[node.integer(.location)]
      case .selectStmt: grouping.extended(intended(node, replacements, grouping))
      default: nil
      }
    }
  }

  private static func names(_ standIns: [RelationStandIn]) -> [String] {
    Set(standIns.map { "\($0.entry.schema).\($0.entry.name)" }).sorted()
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

/// Where in a statement's text relations and columns are named.
struct MentionedText {
  private let statement: Statement
  private let finder: TokenFinder

  init?(_ statement: Statement) {
    guard let found = try? tokens(of: statement.text) else { return nil }
    self.statement = statement
    finder = TokenFinder(found)
  }

  /// The text of a relation without its alias: `ONLY (s.t)`, `t *`, and `TABLE t`, which is a query by itself.
  func place(of node: Node) -> (range: Range<Int>, isTable: Bool)? {
    guard let start = statement.place(of: node), let first = finder.index(at: start) else { return nil }
    let parts = [Field.catalogname, .schemaname, .relname].filter { !node.text($0).isEmpty }.count
    var (low, high) = (first, first + 2 * (parts - 1))
    guard finder[high] != nil else { return nil }
    if finder[low - 1]?.kind == .ASCII_40, finder[low - 2]?.kind == .ONLY {
      guard finder[high + 1]?.kind == .ASCII_41 else { return nil }
      low -= 2
      high += 1
    } else if finder[low - 1]?.kind == .ONLY {
      low -= 1
    } else if finder[high + 1]?.kind == .ASCII_42 {
      high += 1
    }
    let isTable = finder[low - 1]?.kind == .TABLE
    if isTable { low -= 1 }
    guard let from = finder[low], let to = finder[high] else { return nil }
    return (from.range.lowerBound..<to.range.upperBound, isTable)
  }

  /// `schema.table.column` names a relation that is a query now, under the name of the table alone.
  func qualifiedColumns(
    of standIns: [RelationStandIn], _ relations: [Int: Node]
  ) -> (edits: [Edit], replacements: [Int: Node]) {
    var edits: [Edit] = []
    var replacements: [Int: Node] = [:]
    statement.node.walk { node, _ in
      guard node.kind == .columnRef else { return }
      let fields = node.children(.fields)
      guard fields.count >= 3, fields.dropLast().allSatisfy({ $0.kind == .string }) else { return }
      let names = fields.dropLast().map { $0.text(.sval) }
      let isReplaced = standIns.contains { standIn in
        standIn.entry.name == names[names.count - 1] && standIn.entry.schema == names[names.count - 2]
          && relations[standIn.position]?.child(.alias) == nil
      }
      guard isReplaced, let start = statement.place(of: node), let first = finder.index(at: start),
        let from = finder[first], let to = finder[first + 2 * (names.count - 1)]
      else { return }
      edits.append(Edit(from.range.lowerBound..<to.range.lowerBound, ""))
      let left = node.fields.map { field -> (name: Field, value: Node.Value) in
        field.name == .fields ? (.fields, .list(Array(fields.suffix(2)))) : field
      }
      replacements[node.integer(.location)] = Node(.columnRef, left)
    }
    return (edits, replacements)
  }
}
