// From single facts to the shape: constants spread along joins, orders are mapped to the tables that can deliver them.

import Database

extension Reading {
  func shape() -> QueryShape {
    pairBounds()
    let atoms = settledAtoms
    let equals = EqualColumns(atoms)
    var finished = uses
    for atom in atoms { Self.enter(atom, into: &finished) }
    for spot in equals.constants where !finished[spot.use].equalities.contains(spot.column) {
      finished[spot.use].equalities.append(spot.column)
    }
    for order in orders {
      for (use, ordering) in Self.orderings(order, equals) where !finished[use].orderings.contains(ordering) {
        finished[use].orderings.append(ordering)
      }
    }
    for group in groups {
      for (use, columns) in Self.groupings(group, equals) {
        let needed = withoutDependents(columns, of: finished[use].table)
        if !finished[use].groupings.contains(needed) { finished[use].groupings.append(needed) }
      }
    }
    for spot in extremes.joined() where !finished[spot.use].extremes.contains(spot.column) {
      finished[spot.use].extremes.append(spot.column)
    }
    return QueryShape(uses: finished, parameters: parameters, updatedColumns: updatedColumns, notes: notes)
  }

  private static func enter(_ atom: Atom, into uses: inout [TableUse]) {
    switch atom {
    case .equality(let spot, _):
      if !uses[spot.use].equalities.contains(spot.column) { uses[spot.use].equalities.append(spot.column) }
    case .range(let spot):
      if !uses[spot.use].ranges.contains(spot.column) { uses[spot.use].ranges.append(spot.column) }
    case .join(let spot, let other, _):
      let join = TableUse.Join(column: spot.column, otherUse: other.use, otherColumn: other.column)
      if !uses[spot.use].joins.contains(join) { uses[spot.use].joins.append(join) }
    case .rowOrder(let spots):
      let ordering = TableUse.Ordering(
        keys: spots.map { IndexDefinition.Key($0.column) }, isLimited: false)
      if !uses[spots[0].use].orderings.contains(ordering) { uses[spots[0].use].orderings.append(ordering) }
    case .follows: return
    case .arms(let use, let arms):
      for arm in arms where !uses[use].arms.contains(arm) { uses[use].arms.append(arm) }
    case .prefix(let spot):
      if !uses[spot.use].prefixes.contains(spot.column) { uses[spot.use].prefixes.append(spot.column) }
    case .expression(let use, let expression):
      if !uses[use].expressions.contains(expression) { uses[use].expressions.append(expression) }
    case .lookup(let use, let lookup):
      if !uses[use].lookups.contains(lookup) { uses[use].lookups.append(lookup) }
    case .constant(let use, let constant):
      if !uses[use].constants.contains(constant) { uses[use].constants.append(constant) }
    }
  }

  /// For each table instance that has the first key, the keys it can deliver from there on.
  private static func orderings(_ order: RequestedOrder, _ equals: EqualColumns) -> [(Int, TableUse.Ordering)] {
    // A key that has one value only sorts nothing.
    let keys = order.keys.filter { key in key.spots.isEmpty || !key.spots.allSatisfy(equals.isConstant) }
    guard let first = keys.first else { return [] }
    var found: [(Int, TableUse.Ordering)] = []
    var seen: Set<Int> = []
    // A whole sort by an expression reads every row anyway; with a limit an index on it saves the rest.
    let spelled = order.isLimited ? [first.spelling?.use].compactMap { $0 } : []
    let starts = first.spots.flatMap { equals.members(of: $0) }.map(\.use) + spelled
    for use in starts where seen.insert(use).inserted {
      var own: [IndexDefinition.Key] = []
      for key in keys {
        if order.isLimited, let spelling = key.spelling, spelling.use == use, var expression = spelling.key {
          expression.isDescending = key.isDescending
          expression.nullsFirst = key.nullsFirst
          own.append(expression)
          continue
        }
        guard let spot = key.spots.flatMap({ equals.members(of: $0) }).first(where: { $0.use == use }) else { break }
        if own.contains(where: { $0.column == spot.column }) { continue }
        own.append(
          IndexDefinition.Key(spot.column, isDescending: key.isDescending, nullsFirst: key.nullsFirst))
      }
      found.append((use, TableUse.Ordering(keys: own, isLimited: order.isLimited)))
    }
    return found
  }

  /// For each table instance that has all of the list's columns, or columns equal to them.
  private static func groupings(_ group: [[Spot]], _ equals: EqualColumns) -> [(Int, [String])] {
    let entries = group.filter { $0.isEmpty || !$0.allSatisfy(equals.isConstant) }
    guard let first = entries.first else { return [] }
    var found: [(Int, [String])] = []
    var seen: Set<Int> = []
    for use in first.flatMap({ equals.members(of: $0) }).map(\.use) where seen.insert(use).inserted {
      let own = entries.compactMap { entry in
        entry.flatMap { equals.members(of: $0) }.first { $0.use == use }?.column
      }
      if own.count == entries.count { found.append((use, unique(own))) }
    }
    return found
  }

  /// Grouping by a primary key makes all other columns of the table superfluous, and PostgreSQL drops them
  /// (`remove_useless_groupby_columns` in the server's planner).
  private func withoutDependents(_ columns: [String], of table: RelationID) -> [String] {
    for index in catalog[table]?.indexes ?? [] where index.isPrimary {
      let keys = index.keys.compactMap(\.column)
      if !keys.isEmpty && Set(keys).isSubset(of: columns) { return columns.filter(keys.contains) }
    }
    return columns
  }
}

/// Columns that are equal in every row of the result, and those bound to a constant.
struct EqualColumns {
  private var classOf: [Spot: Int] = [:]
  private var classes: [[Spot]] = []
  /// In the order met, those that follow from joins last.
  private(set) var constants: [Spot] = []
  private var isBound: Set<Spot> = []

  init(_ atoms: [Atom]) {
    var receivers: [Spot: [Spot]] = [:]
    var equal: Set<[Spot]> = []
    for atom in atoms {
      switch atom {
      case .join(let spot, let other, true):
        receivers[other, default: []].append(spot)
        if equal.contains([other, spot]) { unite(spot, other) }
        equal.insert([spot, other])
      case .follows(let spot, let other): receivers[other, default: []].append(spot)
      case .equality(let spot, true): bind(spot)
      default: continue
      }
    }
    // Each column is bound once, so this ends after as many turns as there are columns.
    var position = 0
    while position < constants.count {
      for receiver in receivers[constants[position]] ?? [] { bind(receiver) }
      position += 1
    }
  }

  func isConstant(_ spot: Spot) -> Bool { isBound.contains(spot) }

  /// The column itself first.
  func members(of spot: Spot) -> [Spot] {
    guard let own = classOf[spot] else { return [spot] }
    return [spot] + classes[own].filter { $0 != spot }
  }

  private mutating func bind(_ spot: Spot) { if isBound.insert(spot).inserted { constants.append(spot) } }

  private mutating func unite(_ one: Spot, _ other: Spot) {
    let left = index(of: one)
    let right = index(of: other)
    guard left != right else { return }
    for spot in classes[right] { classOf[spot] = left }
    classes[left] += classes[right]
    classes[right] = []
  }

  private mutating func index(of spot: Spot) -> Int {
    if let known = classOf[spot] { return known }
    classes.append([spot])
    classOf[spot] = classes.count - 1
    return classes.count - 1
  }
}
