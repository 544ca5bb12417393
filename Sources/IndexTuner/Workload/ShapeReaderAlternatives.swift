// OR: what all arms have in common counts like AND; besides that, each arm can be served by an index of its own.

import SQLSyntax

extension Reading {
  func alternatives(_ arms: [Node], in context: ConditionContext, isNegated: Bool) -> [Atom] {
    var found: [[Atom]] = []
    let mark = touchLog.count
    for arm in isNegated ? arms : Self.flattened(arms) {
      var own = context
      own.isConjunct = false
      own.list = nextList()
      let before = columnsRead
      let atoms = conditions(arm, in: own, isNegated: isNegated)
      // `$1 IS NULL OR col = $1`: an arm without columns is decided before the plan is made.
      if columnsRead == before { continue }
      found.append(atoms)
    }
    guard found.count > 1 else { return found.first ?? [] }
    guard !found.contains(where: \.isEmpty) else {
      obstruct(touched(since: mark), "an OR of which one arm can use no index: all rows are looked at for that arm")
      return []
    }
    let tables = found.map { arm in Set(arm.compactMap { $0.spot?.use ?? $0.specialUse }) }
    if tables.dropFirst().reduce(tables[0], { $0.intersection($1) }).isEmpty {
      obstruct(
        touched(since: mark),
        "an OR of conditions on several tables is decided after they are joined; as a UNION of one statement for each arm, "
          + "each could use an index")
    }
    return Self.common(to: found) + Self.separate(found) + Self.special(found)
  }

  /// `(a OR b) OR c` is one list, as the planner sees it.
  private static func flattened(_ arms: [Node]) -> [Node] {
    var flat: [Node] = []
    var waiting = Array(arms.reversed())
    while let arm = waiting.popLast() {
      if arm.kind == .boolExpr, arm.symbol(.boolop) == .OR_EXPR {
        waiting.append(contentsOf: arm.children(.args).reversed())
      } else {
        flat.append(arm)
      }
    }
    return flat
  }

  /// Joins that stand in every arm, and columns that every arm restricts in one way or another.
  private static func common(to arms: [[Atom]]) -> [Atom] {
    var common: [Atom] = []
    for atom in arms[0] where !common.contains(atom) {
      if case .join = atom, arms.allSatisfy({ $0.contains(atom) }) { common.append(atom) }
    }
    var seen: Set<Spot> = []
    for spot in arms[0].compactMap(\.spot) where seen.insert(spot).inserted {
      let own = arms.map { arm in arm.filter { $0.spot == spot } }
      guard own.allSatisfy({ !$0.isEmpty }), !common.contains(where: { $0.spot == spot }) else { continue }
      let isEquality = own.allSatisfy { atoms in atoms.contains { !isRange($0) } }
      common.append(isEquality ? .equality(spot, isConstant: false) : .range(spot))
    }
    return common
  }

  /// For each table instance that every arm restricts: the columns of each arm, unless all arms name the same one.
  private static func separate(_ arms: [[Atom]]) -> [Atom] {
    var found: [Atom] = []
    var seen: Set<Int> = []
    for use in arms[0].compactMap({ $0.spot?.use ?? $0.specialUse }) where seen.insert(use).inserted {
      let all = arms.map { arm in arm.filter { ($0.spot?.use ?? $0.specialUse) == use } }
      guard all.allSatisfy({ !$0.isEmpty }) else { continue }
      let hasSpecial = all.contains { arm in arm.contains { $0.specialUse != nil } }
      let own = all.map { arm in arm.filter { $0.spot != nil } }.filter { !$0.isEmpty }
      var lists: [TableUse.Arm] = []
      for atoms in own {
        let equalities = unique(atoms.filter { !isRange($0) }.compactMap(\.spot?.column))
        let ranges = unique(atoms.filter(isRange).compactMap(\.spot?.column)).filter { !equalities.contains($0) }
        let arm = TableUse.Arm(equalities: equalities, ranges: ranges, isBesideSpecial: hasSpecial)
        if !lists.contains(arm) { lists.append(arm) }
      }
      let columns = Set(lists.flatMap { $0.equalities + $0.ranges })
      if hasSpecial ? !lists.isEmpty : lists.count > 1 && columns.count > 1 { found.append(.arms(use: use, lists)) }
    }
    return found
  }

  /// Expressions, patterns and the like of arms that all restrict one table instance.
  private static func special(_ arms: [[Atom]]) -> [Atom] {
    unique(arms.joined().filter { $0.specialUse != nil }).filter { atom in
      arms.allSatisfy { arm in arm.contains { ($0.spot?.use ?? $0.specialUse) == atom.specialUse } }
    }
  }

  private static func isRange(_ atom: Atom) -> Bool { if case .range = atom { true } else { false } }

  static func unique<Element: Hashable>(_ list: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return list.filter { seen.insert($0).inserted }
  }
}
