// What names can mean at one level of a query, and which base columns a visible column comes from.

import Database

/// How far down a condition on a visible column may go.
enum Reach: Int, Comparable, Sendable {
  /// The column's origin is known, but a LIMIT, an aggregate or the like stands between.
  case value
  /// Comparisons with constants and parameters are pushed down; joins and orderings are not.
  case restriction
  /// PostgreSQL flattens everything between.
  case full

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A column of a stored table.
struct BaseColumn: Hashable, Sendable {
  /// Position in `QueryShape.uses`; nil for a table that is written and not read, as in INSERT.
  var use: Int?
  var table: RelationID
  var column: String
}

/// One base column that a visible column comes from: a UNION has one for each branch.
struct Source: Hashable, Sendable {
  var base: BaseColumn
  var reach: Reach
  /// On the side of an outer join that can be filled up with NULLs.
  var isNullable = false
}

/// A parameter that a column of VALUES, `SELECT $1` or `unnest($1)` hands through.
struct HandedParameter: Hashable, Sendable {
  var number: Int
  var isArray: Bool
}

/// What a visible column stands for. The empty value is a column of which nothing is known but its name.
struct Meaning: Sendable {
  var sources: [Source] = []
  /// Table instances that the value depends on.
  var touches: Set<Int> = []
  var parameters: [HandedParameter] = []
  /// Depends on something that could not be resolved: nothing may be concluded from it.
  var isUnknown = false
  /// For a column of a flat subquery or view that is an expression over one table.
  var spelling: Spelling?
  /// … and its type, where the text says it.
  var type: String?

  func capped(at reach: Reach) -> Meaning {
    var copy = self
    copy.sources = sources.map { Source(base: $0.base, reach: min($0.reach, reach), isNullable: $0.isNullable) }
    if reach == .value { copy.spelling = nil }
    return copy
  }

  func nullable() -> Meaning {
    var copy = self
    copy.sources = sources.map { Source(base: $0.base, reach: $0.reach, isNullable: true) }
    return copy
  }
}

struct NamedColumn: Sendable {
  var name: String
  var meaning: Meaning
}

/// One entry of FROM as the names of the query see it.
struct ScopeItem: Sendable {
  /// Alias or table name; nil for a join without one.
  var name: String?
  /// Only for a table without an alias, which can be named with its schema.
  var schema: String?
  var columns: [NamedColumn]
  /// It may have columns besides those listed: an unknown relation, a function of unknown result.
  var isOpen = false
  var showsName = true
  var showsColumns = true
  /// Set for a stored table: it has system columns and can be named whole.
  var table: RelationID?
  var use: Int?

  func columns(named wanted: String) -> [NamedColumn] { columns.filter { $0.name == wanted } }

  func mapped(_ change: (Meaning) -> Meaning) -> ScopeItem {
    var copy = self
    copy.columns = columns.map { NamedColumn(name: $0.name, meaning: change($0.meaning)) }
    return copy
  }

  /// `AS name (a, b)`: renamed columns first, the rest under their own names.
  func renamed(to alias: String, columns newNames: [String]) -> ScopeItem {
    var copy = self
    copy.name = alias
    copy.schema = nil
    for (position, newName) in newNames.enumerated() {
      if position < copy.columns.count {
        copy.columns[position].name = newName
      } else {
        copy.columns.append(NamedColumn(name: newName, meaning: Meaning()))
      }
    }
    return copy
  }
}

/// One level of name lookup. A level without items is the wall around a subquery.
final class Scope {
  let parent: Scope?
  var items: [ScopeItem]
  let with: WithTables?
  /// Conditions of this level on columns of outer levels count for those as well (an EXISTS that becomes a join).
  let isJoined: Bool
  /// The outer table instances' rows survive when nothing is found here (NOT EXISTS, LEFT JOIN LATERAL), or just
  /// because nothing is.
  let isAnti: Bool
  /// Left-hand FROM items that a LATERAL item may see while its own level is still being read.
  var lateral: [ScopeItem] = []
  /// … and whose rows survive when the LATERAL item finds nothing.
  var lateralIsOptional = false
  /// A LIMIT around this level ends reading early.
  var stopsEarly = false
  /// What the subquery inside this wall reads of outer levels.
  private(set) var outerTouches: Set<Int> = []
  private(set) var readsParent = false
  private(set) var readsUnknown = false

  init(
    parent: Scope?, items: [ScopeItem] = [], with: WithTables?, isJoined: Bool = true, isAnti: Bool = false
  ) {
    self.parent = parent
    self.items = items
    self.with = with
    self.isJoined = isJoined
    self.isAnti = isAnti
  }

  /// The level as a LATERAL item sees it: what stands to its left.
  func lateralView() -> Scope { Scope(parent: parent, items: items + lateral, with: with) }

  func remember(_ meaning: Meaning, isOfParent: Bool) {
    outerTouches.formUnion(meaning.touches)
    if isOfParent { readsParent = true }
    if meaning.isUnknown { readsUnknown = true }
  }
}

/// One common table expression, read when it is first named.
final class WithTable {
  let name: String
  let definition: WithDefinition
  var output: [NamedColumn]?
  var isOpen = false
  var isBeingRead = false

  init(name: String, definition: WithDefinition) {
    self.name = name
    self.definition = definition
  }
}

/// The WITH lists visible at some place, innermost first.
final class WithTables {
  let parent: WithTables?
  private(set) var tables: [WithTable] = []

  init(parent: WithTables?) { self.parent = parent }

  func add(_ table: WithTable) { tables.append(table) }

  func table(named name: String) -> WithTable? {
    var place: WithTables? = self
    while let here = place {
      if let found = here.tables.last(where: { $0.name == name }) { return found }
      place = here.parent
    }
    return nil
  }
}
