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
    var scope: Int? = column.scope
    while let here = scope {
      if let entry = mentions.scopes[here].entries.last(where: { $0.alias == qualifier }) {
        guard let relation = entry.relation else { break }
        if column.isRow {
          mentions.relations[relation].hasAllColumns = true
          return
        }
        guard let known = weighing.relations[relation].entry else {
          mentions.relations[relation].columns.insert(column.name)
          break
        }
        if known.columns.contains(where: { $0.name == column.name }) {
          mentions.relations[relation].columns.insert(column.name)
          return
        }
        if !Self.systemColumns.contains(column.name) { mentions.relations[relation].hasAllColumns = true }
        break
      }
      scope = mentions.scopes[here].parent
    }
    if !column.isRow {
      mentions.selections.append(Mentions.Selection(name: column.name, position: column.position))
    }
  }

  private func resolveBare(_ column: Mentions.Column, _ mentions: inout Mentions, _ weighing: Weighing) {
    var scope: Int? = column.scope
    while let here = scope {
      var isFound = false
      for entry in mentions.scopes[here].entries {
        guard let relation = entry.relation else { continue }
        if let known = weighing.relations[relation].entry {
          guard known.columns.contains(where: { $0.name == column.name }) else { continue }
          isFound = true
        }
        mentions.relations[relation].columns.insert(column.name)
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
