// Columns: which relation's column a name is, for the list of what is touched, and which names are no columns at all.

import Database

extension Weigher {
  /// Enters columns into the relations they belong to. A name that fits several relations counts for each of them. What
  /// has a qualifier and is no column of it may be a function in attribute notation.
  mutating func resolveColumns(_ mentions: inout Mentions, _ weighing: inout Weighing) {
    for column in mentions.columns {
      if let qualifier = column.qualifier {
        resolve(column, of: qualifier, &mentions, weighing)
      } else if column.isRow {
        for entry in mentions.scopes[column.scope].entries {
          if let relation = entry.relation { mentions.relations[relation].hasAllColumns = true }
        }
      } else {
        resolveBare(column, &mentions, weighing)
      }
    }
  }

  private func resolve(
    _ column: Mentions.Column, of qualifier: String, _ mentions: inout Mentions, _ weighing: Weighing
  ) {
    var selection = Mentions.Selection(name: column.name, position: column.position)
    if let type = parameters[qualifier] { selection.row = .type(type) }
    if column.isInBrackets && mayBeColumn(qualifier, from: column.scope, mentions, weighing) {
      selection.row = .anyValue
      mentions.selections.append(selection)
      return
    }
    var isColumn = true
    var scope: Int? = column.scope
    while let here = scope {
      var count = 0
      for entry in mentions.scopes[here].entries where entry.alias == qualifier {
        count += 1
        isColumn = note(column, in: entry, &mentions, weighing, &selection) && isColumn
      }
      if count > 0 {
        // Not everything in a scope is visible everywhere in it: a namesake further out may be meant instead.
        if count > 1 || isKnown(qualifier, outside: here, mentions) {
          selection.row = .unknown
          isColumn = false
        }
        break
      }
      scope = mentions.scopes[here].parent
    }
    let isFound = isColumn && scope != nil
    if column.isRow || isFound { return }
    if mayBeFunction(qualifier, from: column.scope, mentions) { selection.row = .anyValue }
    mentions.selections.append(selection)
  }

  /// `g.f` where `g` is a function in FROM calls `f` with the value of `g`, which may be of any type. Without an alias
  /// the function's own name is meant.
  private func mayBeFunction(_ qualifier: String, from scope: Int, _ mentions: Mentions) -> Bool {
    entries(from: scope, mentions).contains { $0.isFunction && ($0.alias.isEmpty || $0.alias == qualifier) }
  }

  private func entries(from scope: Int, _ mentions: Mentions) -> [Mentions.Entry] {
    var found: [Mentions.Entry] = []
    var outer: Int? = scope
    while let here = outer {
      found += mentions.scopes[here].entries
      outer = mentions.scopes[here].parent
    }
    return found
  }

  private func isKnown(_ name: String, outside scope: Int, _ mentions: Mentions) -> Bool {
    var outer = mentions.scopes[scope].parent
    while let here = outer {
      if mentions.scopes[here].entries.contains(where: { $0.alias == name }) { return true }
      outer = mentions.scopes[here].parent
    }
    return false
  }

  /// False: it may be something else than a column of this entry.
  private func note(
    _ column: Mentions.Column, in entry: Mentions.Entry, _ mentions: inout Mentions, _ weighing: Weighing,
    _ selection: inout Mentions.Selection
  ) -> Bool {
    guard let relation = entry.relation else { return false }
    if column.isRow {
      mentions.relations[relation].hasAllColumns = true
      return true
    }
    guard let known = weighing.relations[relation].found else {
      mentions.relations[relation].columns.append(column.name)
      return false
    }
    if known.hasColumn(column.name) && !entry.renamesColumns {
      mentions.relations[relation].columns.append(column.name)
      return true
    }
    if Self.systemColumns.contains(column.name) { return true }
    mentions.relations[relation].hasAllColumns = true
    selection.row = .relation(known.entry.id)
    return false
  }

  /// Whether `a` in `(a).f` may be a column, whose value may be of any type, and not a table's row. Columns of what is no
  /// table are not known by name; what is nothing in FROM may be a variable.
  private func mayBeColumn(
    _ name: String, from scope: Int, _ mentions: Mentions, _ weighing: Weighing
  ) -> Bool {
    if Self.systemColumns.contains(name) { return true }
    if weighing.relations.contains(where: { $0.found?.hasColumn(name) ?? true }) { return true }
    let entries = entries(from: scope, mentions)
    if entries.contains(where: { $0.relation == nil || $0.renamesColumns }) { return true }
    return parameters[name] == nil && !entries.contains { $0.alias == name }
  }

  private func resolveBare(_ column: Mentions.Column, _ mentions: inout Mentions, _ weighing: Weighing) {
    var scope: Int? = column.scope
    while let here = scope {
      var isFound = false
      for entry in mentions.scopes[here].entries {
        guard let relation = entry.relation else { continue }
        if let known = weighing.relations[relation].found {
          guard known.hasColumn(column.name) else { continue }
          isFound = true
        }
        mentions.relations[relation].columns.append(column.name)
      }
      if isFound { return }
      for entry in mentions.scopes[here].entries where entry.alias == column.name {
        guard let relation = entry.relation else { continue }
        mentions.relations[relation].hasAllColumns = true
        isFound = true
      }
      if isFound { return }
      scope = mentions.scopes[here].parent
    }
  }

  private static let systemColumns: Set<String> = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"]
}
