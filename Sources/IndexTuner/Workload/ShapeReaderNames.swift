// Column references: which level of which scope a name is found in.

import Database
import SQLSyntax

extension Reading {
  /// A column reference as a value; marks the column as referenced and notes what cannot be resolved.
  func column(_ node: Node, in scope: Scope) -> BoundValue {
    let fields = node.children(.fields)
    let names = fields.map { $0.text(.sval) }
    columnsRead += 1
    if fields.last?.kind == .aStar { return wholeRow(of: names.dropLast().last, in: scope) }
    switch names.count {
    case 1: return unqualified(names[0], in: scope)
    case 2: return qualified(names[1], of: names[0], schema: nil, in: scope)
    case 3, 4:
      return qualified(names[names.count - 1], of: names[names.count - 2], schema: names[names.count - 3], in: scope)
    default: return .unknown
    }
  }

  /// A plain name for GROUP BY, which looks at input columns of its own level only.
  func hasInputColumn(_ name: String, in scope: Scope) -> Bool {
    scope.items.contains { $0.showsColumns && !$0.columns(named: name).isEmpty }
  }

  private func unqualified(_ name: String, in scope: Scope) -> BoundValue {
    var crossed: [Scope] = []
    var level: Scope? = scope
    while let here = level {
      var found: [NamedColumn] = []
      for item in here.items where item.showsColumns { found += item.columns(named: name) }
      if found.count > 1 {
        note("column \(quotedIdentifier(name)) is ambiguous")
        return missing(crossed)
      }
      if let only = found.first { return value(of: only.meaning, crossing: crossed) }
      if Self.systemColumns.contains(name), let owner = here.items.first(where: { $0.table != nil }) {
        return systemColumn(of: owner, crossing: crossed)
      }
      if here.items.contains(where: { $0.isOpen && $0.showsColumns }) { return value(of: Meaning(), crossing: crossed) }
      crossed.append(here)
      level = here.parent
    }
    if let (item, path) = item(named: name, schema: nil, in: scope) { return wholeRow(of: item, crossing: path) }
    note("column \(quotedIdentifier(name)) was not found")
    return missing(crossed)
  }

  private func qualified(_ name: String, of relation: String, schema: String?, in scope: Scope) -> BoundValue {
    guard let (item, crossed) = item(named: relation, schema: schema, in: scope) else {
      note("column \(quotedIdentifier(relation)).\(quotedIdentifier(name)) was not found")
      return .unknown
    }
    let found = item.columns(named: name)
    if found.count > 1 {
      note("column \(quotedIdentifier(relation)).\(quotedIdentifier(name)) is ambiguous")
      return missing(crossed)
    }
    if let only = found.first { return value(of: only.meaning, crossing: crossed) }
    if item.table != nil, Self.systemColumns.contains(name) { return systemColumn(of: item, crossing: crossed) }
    if item.isOpen { return value(of: Meaning(), crossing: crossed) }
    note("column \(quotedIdentifier(relation)).\(quotedIdentifier(name)) was not found")
    return missing(crossed)
  }

  /// The FROM item that a relation name means, and the levels between it and `scope`.
  func item(named name: String, schema: String?, in scope: Scope) -> (ScopeItem, crossed: [Scope])? {
    var crossed: [Scope] = []
    var level: Scope? = scope
    while let here = level {
      let found = here.items.first { item in
        item.showsName && item.name == name && (schema == nil || item.schema == schema)
      }
      if let found { return (found, crossed) }
      crossed.append(here)
      level = here.parent
    }
    return nil
  }

  // MARK: - What a found name is worth at the level it is used

  private func value(of meaning: Meaning, crossing crossed: [Scope]) -> BoundValue {
    markReferenced(meaning)
    var bound = BoundValue(form: .column, meaning: meaning, isLocal: crossed.isEmpty, type: meaning.type)
    bound.spelling = meaning.spelling ?? Self.spelling(of: meaning)
    for wall in crossed {
      wall.remember(meaning, isOfParent: wall === crossed.last)
      if !wall.isJoined { bound.meaning = bound.meaning.capped(at: .value) }
      if wall.isAnti { bound.isShielded = true }
    }
    return bound
  }

  private static func spelling(of meaning: Meaning) -> Spelling? {
    guard meaning.sources.count == 1, let source = meaning.sources.first, source.reach >= .restriction,
      let use = source.base.use
    else { return nil }
    return Spelling(text: quotedIdentifier(source.base.column), form: .column, use: use, columns: [source.base.column])
  }

  private func missing(_ crossed: [Scope]) -> BoundValue {
    let nothing = Meaning(isUnknown: true)
    for wall in crossed { wall.remember(nothing, isOfParent: true) }
    return .unknown
  }

  private func systemColumn(of item: ScopeItem, crossing crossed: [Scope]) -> BoundValue {
    var bound = value(of: Meaning(touches: touches(of: item)), crossing: crossed)
    bound.form = .expression
    return bound
  }

  private func wholeRow(of name: String?, in scope: Scope) -> BoundValue {
    guard let name else {
      return .expression(over: scope.items.map { wholeRow(of: $0, crossing: []) })
    }
    guard let (item, crossed) = item(named: name, schema: nil, in: scope) else {
      note("\(quotedIdentifier(name)).* was not found")
      return .unknown
    }
    return wholeRow(of: item, crossing: crossed)
  }

  private func wholeRow(of item: ScopeItem, crossing crossed: [Scope]) -> BoundValue {
    for column in item.columns { markReferenced(column.meaning) }
    if let use = item.use { markWholeRow(use) }
    var bound = value(of: Meaning(touches: touches(of: item)), crossing: crossed)
    bound.form = .expression
    return bound
  }

  private func touches(of item: ScopeItem) -> Set<Int> {
    var touches: Set<Int> = []
    for column in item.columns { touches.formUnion(column.meaning.touches) }
    if let use = item.use { touches.insert(use) }
    return touches
  }

  // https://www.postgresql.org/docs/current/ddl-system-columns.html
  private static let systemColumns: Set<String> = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]
}
