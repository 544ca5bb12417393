// What is known so far while one statement is read; the other files of the reader extend it.

import Database
import SQLSyntax

/// One walk over one statement. Lives inside a single call of `ShapeReader.shape`.
final class Reading {
  let catalog: Catalog
  private(set) var searchPath: [String]
  let limits: Limits

  private(set) var uses: [TableUse] = []
  private(set) var atoms: [Atom] = []
  /// What counts once a table instance of the range is known to be no longer nullable.
  var postponed: [(atom: Atom, until: Range<Int>)] = []
  private var strict: Set<Int> = []
  private(set) var notes: [String] = []
  private var notesSeen: Set<String> = []
  private(set) var orders: [RequestedOrder] = []
  private(set) var groups: [[[Spot]]] = []
  private(set) var extremes: [[Spot]] = []
  var updatedColumns: [RelationID: Set<String>] = [:]
  var parameters: [Int: ParameterUse] = [:]
  var bounds: [ParameterBound] = []
  /// The table instance of each column in the order they were named.
  private(set) var touchLog: [Int] = []
  /// Nothing but the statement's own level was read yet.
  var isOutermost = true
  /// Columns resolved so far: tells whether a piece of the statement named any.
  var columnsRead = 0
  /// Calls of volatile functions seen so far.
  var volatileCalls = 0
  private var depth = 0
  private var steps = 0
  private var viewDepth = 0
  private var lists = 0

  init(catalog: Catalog, searchPath: [String], limits: Limits) {
    self.catalog = catalog
    self.searchPath = searchPath
    self.limits = limits
  }

  func note(_ text: String) {
    guard notes.count < limits.notes, notesSeen.insert(text).inserted else { return }
    notes.append(text)
  }

  /// A new table instance; nil when the statement has more than the bound.
  func addUse(of table: RelationID) -> Int? {
    guard uses.count < limits.tableInstances else {
      note("more than \(limits.tableInstances) table instances: the rest is not looked into")
      steps = limits.shapeSteps
      return nil
    }
    uses.append(TableUse(table: table))
    return uses.count - 1
  }

  var nextUse: Int { uses.count }

  func markTarget(_ use: Int) { uses[use].isTarget = true }

  /// `ONLY` leaves out what inherits from the table.
  func markInheritance(_ item: ScopeItem, of node: Node) {
    if let use = item.use, node.flag(.inh) { uses[use].includesChildren = true }
  }

  func markLeading(_ use: Int) { uses[use].isLeading = true }

  func markReferenced(_ meaning: Meaning) {
    for source in meaning.sources {
      guard let use = source.base.use else { continue }
      uses[use].referenced.insert(source.base.column)
      touchLog.append(use)
    }
  }

  func markWholeRow(_ use: Int) {
    for column in catalog[uses[use].table]?.columns ?? [] { uses[use].referenced.insert(column.name) }
  }

  /// A condition that is never true of NULL drops the rows that an outer join below filled up for these instances.
  func markStrict(_ values: [BoundValue], in context: ConditionContext) {
    guard context.isConjunct else { return }
    for value in values where value.isColumn && !value.isShielded {
      for source in value.meaning.sources where source.isNullable {
        guard let use = source.base.use, context.drops(use) else { continue }
        strict.insert(use)
      }
    }
  }

  /// All conditions, with those that had to wait.
  var settledAtoms: [Atom] { atoms + postponed.filter { !strict.isDisjoint(with: $0.until) }.map(\.atom) }

  /// Remembers why a condition is served by no index, for the table instances it touches.
  func obstruct(_ touched: Set<Int>, _ words: String) {
    for use in touched where uses.indices.contains(use) {
      guard uses[use].obstacles.count < limits.obstacles, !uses[use].obstacles.contains(words) else { continue }
      uses[use].obstacles.append(words)
    }
  }

  func add(_ found: [Atom]) { atoms.append(contentsOf: found) }
  func add(order: RequestedOrder) { orders.append(order) }
  func add(group: [[Spot]]) { groups.append(group) }
  func add(extreme: [Spot]) { extremes.append(extreme) }

  /// A number for one AND list: bounds of the same list can be partners.
  func nextList() -> Int {
    lists += 1
    return lists
  }

  /// Runs `body` one level deeper, or gives nil where the statement is nested too deeply to be followed, or where
  /// views and inlined CTEs multiply it beyond all measure.
  func deeper<Result>(_ body: () -> Result) -> Result? {
    guard steps < limits.shapeSteps else {
      note("with all its views and CTEs in place it is too large: not looked into further")
      return nil
    }
    steps += 1
    guard depth < limits.expressionDepth else {
      note("nested more than \(limits.expressionDepth) levels deep: not looked into further")
      return nil
    }
    depth += 1
    defer { depth -= 1 }
    return body()
  }

  func insideView<Result>(_ name: String, _ body: () -> Result) -> Result? {
    guard viewDepth < limits.viewDepth else {
      note("view \(quotedIdentifier(name)) is nested more than \(limits.viewDepth) views deep: not looked into")
      return nil
    }
    viewDepth += 1
    defer { viewDepth -= 1 }
    return body()
  }

  func withSearchPath<Result>(_ path: [String], _ body: () -> Result) -> Result {
    let before = searchPath
    searchPath = path
    defer { searchPath = before }
    return body()
  }

  /// The stored column behind a source.
  func column(_ base: BaseColumn) -> Column? { catalog[base.table]?.column(base.column) }
}

/// A column of one table instance.
struct Spot: Hashable {
  var use: Int
  var column: String
}

/// One usable condition.
enum Atom: Hashable {
  /// No condition by itself: when the other column equals a constant, this one does as well, and is restricted.
  case follows(Spot, Spot)
  /// `isConstant`: by `=` with something that is the same for the whole query, so equal columns are bound too.
  case equality(Spot, isConstant: Bool)
  case range(Spot)
  /// `receivesConstants`: when the other column equals a constant, this one does as well.
  case join(Spot, with: Spot, receivesConstants: Bool)
  /// A row comparison needs an index on all of these in this order.
  case rowOrder([Spot])
  /// The arms of an OR that all restrict one table instance.
  case arms(use: Int, [TableUse.Arm])
  /// `LIKE 'abc%'` on a column that sorts by the rules of a language.
  case prefix(Spot)
  case expression(use: Int, TableUse.Expression)
  case lookup(use: Int, TableUse.Lookup)
  case constant(use: Int, TableUse.Constant)

  /// The one column that the condition restricts.
  var spot: Spot? {
    switch self {
    case .equality(let spot, _), .range(let spot), .join(let spot, _, _): spot
    case .rowOrder, .arms, .follows, .prefix, .expression, .lookup, .constant: nil
    }
  }

  /// The table instance, of conditions that are on no plain column as a btree has it.
  var specialUse: Int? {
    switch self {
    case .prefix(let spot): spot.use
    case .expression(let use, _), .lookup(let use, _): use
    case .equality, .range, .join, .rowOrder, .arms, .follows, .constant: nil
    }
  }
}

/// One ORDER BY list; each key with all the base columns it may stand for, none where it is no plain column.
struct RequestedOrder {
  struct Key {
    var spots: [Spot]
    /// For an expression over one table instance.
    var spelling: Spelling?
    var isDescending: Bool
    var nullsFirst: Bool
  }
  var keys: [Key]
  var isLimited: Bool
}

/// A parameter that bounds a column, by the AND list it stands in.
struct ParameterBound {
  var list: Int
  var base: BaseColumn
  var isLower: Bool
  var number: Int
}
