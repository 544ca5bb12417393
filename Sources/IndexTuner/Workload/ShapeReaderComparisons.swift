// One comparison: which of its columns an index could find rows by, given all that stands on the other side.

import Database
import SQLSyntax

/// How a column is restricted.
enum Restriction {
  /// `isConstant`: by `=` itself, so that columns equal to this one are restricted as well.
  case equal(isConstant: Bool)
  case bound
  /// IS NULL.
  case missing
}

extension Reading {
  func compare(
    _ left: BoundValue, _ comparison: Comparison, _ right: BoundValue, in context: ConditionContext
  ) -> [Atom] {
    if case .row(let parts) = left.form { return compare(row: parts, comparison, right, in: context) }
    if case .row(let parts) = right.form { return compare(row: parts, comparison.commuted, left, in: context) }
    describe(right, beside: left, as: comparison.role, list: context.list)
    describe(left, beside: right, as: comparison.commuted.role, list: context.list)
    markStrict([left, right], in: context)
    let restriction: Restriction
    switch comparison {
    case .notEqual:
      // `flag <> true` is `NOT flag`.
      guard case .literal(.flag) = right.form else {
        obstruct(left.meaning.touches.union(right.meaning.touches), Self.differs(left, "<> …"))
        return equalConstant(left, right, isNegated: true, in: context)
      }
      restriction = .equal(isConstant: true)
    case .equal: restriction = .equal(isConstant: true)
    case .upperBound, .lowerBound: restriction = .bound
    }
    return restrict(left, to: right, in: context, as: restriction)
      + restrict(right, to: left, in: context, as: restriction)
      + (comparison == .equal ? equalConstant(left, right, in: context) : [])
  }

  /// `(a, b) = (x, y)` is a pair of equalities; `(a, b) > (x, y)` bounds `a` and wants an index on both in order.
  private func compare(
    row parts: [BoundValue], _ comparison: Comparison, _ right: BoundValue, in context: ConditionContext
  ) -> [Atom] {
    let others = right.elements ?? Array(repeating: right, count: parts.count)
    let pairs = Array(zip(parts, others))
    if comparison == .equal || comparison == .notEqual {
      let atoms = pairs.flatMap { compare($0, comparison, $1, in: context) }
      // Rows differ where one of their columns does.
      return comparison == .equal ? atoms : []
    }
    guard let first = pairs.first else { return [] }
    var found = compare(first.0, comparison, first.1, in: context)
    for pair in pairs.dropFirst() { describe(pair.1, beside: pair.0, as: comparison.role, list: context.list) }
    for side in [parts, others] {
      let spots = side.compactMap(\.flatSpots.first)
      let isWhole = spots.count == side.count && Set(spots.map(\.use)).count == 1
      if isWhole && found.contains(.range(spots[0])) { found.append(.rowOrder(spots)) }
    }
    return found
  }

  /// Conditions on the base columns behind `column`, when compared with `other`: a row of the table must not take
  /// part in the other side, whose value has to be known before the index is entered.
  func restrict(
    _ column: BoundValue, to other: BoundValue, in context: ConditionContext, as restriction: Restriction
  ) -> [Atom] {
    if other.isVolatile, !column.meaning.touches.isEmpty {
      obstruct(column.meaning.touches, "compared with a volatile function, which is called anew for every row")
    }
    guard column.isColumn, column.meaning.spelling == nil else {
      if case .bound = restriction { return expression(column, to: other, in: context, as: .range) }
      return expression(column, to: other, in: context, as: .equality)
    }
    guard !column.meaning.isUnknown, !other.meaning.isUnknown, !other.isVolatile else { return [] }
    // A filter in here on rows of an outer level drops them only where that level keeps none without a match.
    guard column.isLocal || other.isLocal || !column.isShielded else { return [] }
    let isFilter = !other.isLocal
    var found: [Atom] = []
    for source in column.meaning.sources {
      guard let use = source.base.use, source.reach >= .restriction else { continue }
      guard isComparable(source, with: other) else {
        obstruct(
          [use], "\(quotedIdentifier(source.base.column)) is compared as another type: the implicit cast hides it")
        continue
      }
      let spot = Spot(use: use, column: source.base.column)
      guard !other.meaning.touches.contains(use), isFilter || source.reach == .full else {
        if case .equal = restriction { found += following(spot, other, in: context) }
        if other.meaning.touches.contains(use), other.isColumn {
          obstruct([use], "\(quotedIdentifier(spot.column)) is compared with another column of the same row")
        }
        continue
      }
      if case .missing = restriction {
        found += missing(spot, isNullable: source.isNullable, in: context)
        continue
      }
      switch restriction {
      case .equal(let isConstant):
        let joins = joins(spot, column, with: other, in: context)
        found += joins
        if joins.isEmpty {
          let atom = Atom.equality(spot, isConstant: isConstant && isFilter)
          found += counted(atom, spot, isFilter: isFilter || !other.isColumn, in: context)
        }
      case .bound: found += counted(.range(spot), spot, isFilter: isFilter, in: context)
      case .missing: continue
      }
    }
    return found
  }

  /// The column takes part in no join an index could serve, but a constant reaches it: within one row, or below a
  /// GROUP BY that only constants are pushed through.
  private func following(_ spot: Spot, _ other: BoundValue, in context: ConditionContext) -> [Atom] {
    guard other.isColumn, context.isConjunct, other.meaning.sources.count == 1,
      let source = other.meaning.sources.first, source.reach >= .restriction, let use = source.base.use
    else { return [] }
    let partner = Spot(use: use, column: source.base.column)
    return partner == spot ? [] : counted(.follows(spot, partner), spot, isFilter: true, in: context)
  }

  private func joins(
    _ spot: Spot, _ column: BoundValue, with other: BoundValue, in context: ConditionContext
  ) -> [Atom] {
    guard other.isColumn else { return [] }
    var found: [Atom] = []
    // What holds of one branch of a UNION need not hold of the others.
    let isOne = other.meaning.sources.count == 1
    for source in other.meaning.sources.prefix(limits.joinPairs) {
      guard let use = source.base.use else { continue }
      let partner = Spot(use: use, column: source.base.column)
      let flows = isOne && source.reach >= .restriction
      let receives: Bool
      switch context.side {
      case .inner: receives = flows && !column.isShielded
      case .outer(let nullable):
        receives = flows && nullable.contains(spot.use)
        if flows && !receives {
          postpone(.join(spot, with: partner, receivesConstants: true), until: nullable, in: context)
        }
      case .full(let left, let right):
        receives = false
        let side = left.contains(spot.use) ? right : left
        if flows { postpone(.join(spot, with: partner, receivesConstants: true), until: side, in: context) }
      }
      found.append(.join(spot, with: partner, receivesConstants: receives))
    }
    return found
  }

  /// In ON of an outer join a filter on the side that keeps all its rows finds none of them faster.
  func counted(_ atom: Atom, _ spot: Spot, isFilter: Bool, in context: ConditionContext) -> [Atom] {
    guard isFilter else { return [atom] }
    switch context.side {
    case .inner: return [atom]
    case .outer(let nullable):
      if nullable.contains(spot.use) { return [atom] }
      postpone(atom, until: nullable, in: context)
      return []
    case .full(let left, let right):
      postpone(atom, until: left.contains(spot.use) ? right : left, in: context)
      return []
    }
  }

  /// IS NULL. Below an outer join the column is not missing yet.
  private func missing(_ spot: Spot, isNullable: Bool, in context: ConditionContext) -> [Atom] {
    let atom = Atom.equality(spot, isConstant: false)
    guard isNullable else { return counted(atom, spot, isFilter: true, in: context) }
    postpone(atom, until: spot.use..<spot.use + 1, in: context)
    return []
  }

  /// Holds only if the outer join turns out to be an inner one, because something further out drops rows whose
  /// `nullable` side is missing (`reduce_outer_joins` in the server's prepjointree.c).
  private func postpone(_ atom: Atom, until nullable: Range<Int>, in context: ConditionContext) {
    if context.isConjunct { postponed.append((atom, nullable)) }
  }

  private func isComparable(_ source: Source, with other: BoundValue) -> Bool {
    guard let stored = column(source.base) else { return true }
    if let type = other.type { return ColumnTypes.comparable(column: stored.typeName, with: type) }
    guard other.isColumn else { return true }
    return other.meaning.sources.allSatisfy {
      ColumnTypes.comparable(column: stored.typeName, with: column($0.base)?.typeName)
    }
  }
}
