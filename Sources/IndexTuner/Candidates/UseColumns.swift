// The columns of one table instance that an index can have as keys, by what the statement does with them.

import Database

/// What the generators combine. Columns that no btree accepts are left out.
struct UseColumns {
  let relation: Relation
  let use: TableUse
  /// Most distinct values first; columns without statistics last, in the order of the statement.
  let equalities: [String]
  let joins: [String]
  /// Ranges on columns that are not bound by an equality as well.
  let ranges: [String]
  /// Direction-aware, turned so that the first key is ascending: a btree is read backwards just as well.
  let orderings: [TableUse.Ordering]
  let groupings: [[String]]
  let extremes: [String]

  /// How many columns of one kind are combined with others; the rest only stand alone.
  static let combined = 6

  init?(_ use: TableUse, in catalog: Catalog) {
    guard let relation = catalog[use.table] else { return nil }
    self.relation = relation
    self.use = use
    func usable(_ names: [String]) -> [String] {
      Self.unique(names).filter { relation.column($0)?.isSortable == true }
    }
    let bound = usable(use.equalities)
    let missing = Set(use.constants.filter { $0.form == .missing }.map(\.column))
    equalities = Self.mostDistinctFirst(bound, in: relation, missing: missing)
    joins = usable(use.joins.map(\.column)).filter { !bound.contains($0) }
    // Of a column that is mostly missing `IS NOT NULL` leaves few rows, which are at one end of an index.
    let present = use.constants.filter { $0.form == .present }.map(\.column).filter {
      (relation.column($0)?.nullFraction ?? 0) > 0.3
    }
    ranges = usable(use.ranges + present).filter { !bound.contains($0) }
    orderings = use.orderings.compactMap { ordering in
      let keys = ordering.keys.prefix { $0.expression != nil || relation.column($0.column)?.isSortable == true }
      guard let first = keys.first else { return nil }
      return TableUse.Ordering(
        keys: keys.map { first.isDescending ? $0.reversed : $0 }, isLimited: ordering.isLimited)
    }
    groupings = use.groupings.map(usable).filter { !$0.isEmpty }
    extremes = usable(use.extremes)
  }

  static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  /// `missing`: columns that are asked to be NULL, which are as selective as NULLs are rare.
  static func mostDistinctFirst(
    _ names: [String], in relation: Relation, missing: Set<String> = []
  ) -> [String] {
    func distinct(_ name: String) -> Double {
      if missing.contains(name), let share = relation.column(name)?.nullFraction { return 1 / max(share, 1e-6) }
      return Self.distinct(name, in: relation)
    }
    return names.enumerated().sorted {
      let (left, right) = (distinct($0.element), distinct($1.element))
      return left == right ? $0.offset < $1.offset : left > right
    }.map(\.element)
  }

  /// Values that a column has, 0 where nothing is known.
  static func distinct(_ name: String, in relation: Relation) -> Double {
    guard let known = relation.column(name)?.distinctValues else { return 0 }
    return known < 0 ? -known * (relation.rowEstimate ?? 1) : known
  }

  /// A flag or a state in front of a column that tells rows apart finds nothing sooner, and no other statement shares it.
  func isPoorLead(_ first: String, before second: String) -> Bool {
    equalities.contains(second) && isPoorLead(first, beforeAny: second)
  }

  /// The same, whether the second column is bound by a constant or by a join: there both orders are candidates.
  func isPoorLead(_ first: String, beforeAny second: String) -> Bool {
    guard equalities.contains(first), equalities.contains(second) || joins.contains(second) else { return false }
    let (few, many) = (Self.distinct(first, in: relation), Self.distinct(second, in: relation))
    return few > 0 && few <= 10 && many > 100
  }

  /// Rows that the equality conditions leave, taken as independent.
  var expectedRows: Double {
    equalities.reduce(relation.rowEstimate ?? 0) { rows, name in
      let missing = use.constants.contains { $0.column == name && $0.form == .missing }
      if missing, let share = relation.column(name)?.nullFraction { return rows * share }
      return rows / max(Self.distinct(name, in: relation), 1)
    }
  }

  /// Equality columns that are worth combining, the empty choice included: none, each one, each two, ….
  func equalityChoices(upTo count: Int) -> [[String]] { Self.choices(equalities, upTo: count) }

  /// All choices of at most `count` of the first few names, smaller ones first, in the given order.
  static func choices(_ names: [String], upTo count: Int) -> [[String]] {
    let names = Array(names.prefix(combined))
    var found: [[String]] = [[]]
    var last: [[Int]] = [[]]
    for _ in 0..<max(0, min(count, names.count)) {
      last = last.flatMap { choice in ((choice.last ?? -1) + 1..<names.count).map { choice + [$0] } }
      found += last.map { $0.map { names[$0] } }
    }
    return found
  }
}

extension Relation {
  /// Pages of the heap itself: its forks and what is toasted say nothing of how long a scan takes.
  var heapPages: Double {
    let known = Double(heapBytes) / 8_192
    guard let rows = rowEstimate, !columns.isEmpty else { return known }
    var width = 28.0
    for column in columns {
      guard let own = column.averageWidth else { return known }
      width += Double(own) * (1 - (column.nullFraction ?? 0))
    }
    return min(known, (rows * width / 8_150).rounded(.up))
  }
}

extension IndexDefinition.Key {
  /// The same column read backwards.
  var reversed: IndexDefinition.Key {
    var copy = self
    copy.isDescending.toggle()
    copy.nullsFirst.toggle()
    return copy
  }
}

extension CandidateGenerator {
  /// Runs `body` for each table instance and makes definitions of its key lists: repeats of a column dropped, cut to
  /// `maximumColumns`, each list once.
  func definitions(
    for shape: QueryShape, in catalog: Catalog, maximumColumns: Int, _ body: (UseColumns) -> [[IndexDefinition.Key]]
  ) -> [IndexDefinition] {
    var found: [IndexDefinition] = []
    var seen: Set<IndexDefinition> = []
    for use in shape.uses {
      guard let columns = UseColumns(use, in: catalog) else { continue }
      for keys in body(columns) {
        var taken: Set<String> = []
        let cut = keys.filter { taken.insert($0.target).inserted }.prefix(maximumColumns)
        guard !cut.isEmpty else { continue }
        let definition = IndexDefinition(on: columns.relation, keys: Array(cut))
        if seen.insert(definition).inserted { found.append(definition) }
      }
    }
    return found
  }

  func keys(_ columns: [String]) -> [IndexDefinition.Key] { columns.map { IndexDefinition.Key($0) } }
}
