// The policies that hold for one caller on one connection, together: each can only take away.

/// What is left of a table's columns and rows.
struct RelationRule: Sendable, Equatable {
  struct ColumnMask: Sendable, Equatable {
    var mask: Mask
    /// For `hash`.
    var key: String
  }

  private var allowColumns: Set<String>?
  private var denyColumns: Set<String> = []
  /// In the order in which they are applied, each to what the one before has left.
  private(set) var masks: [String: [ColumnMask]] = [:]
  /// All have to hold.
  private(set) var filters: [String] = []

  var isEmpty: Bool { allowColumns == nil && denyColumns.isEmpty && masks.isEmpty && filters.isEmpty }

  func has(_ column: String) -> Bool {
    !denyColumns.contains(column) && allowColumns?.contains(column) ?? true
  }

  /// Whether a column is as it is stored.
  func isClear(_ column: String) -> Bool { has(column) && masks[column] == nil }

  /// Shows nothing of a column, whose values follow from hidden ones.
  mutating func hide(_ column: String) { masks[column, default: []].append(ColumnMask(mask: .null, key: "")) }

  mutating func add(_ rule: TableRule, key: String) {
    if let more = rule.allowColumns {
      // A mask says that there is a column to be seen.
      let admitted = more.union(rule.masks.keys)
      allowColumns = allowColumns.map { $0.intersection(admitted) } ?? admitted
    }
    denyColumns.formUnion(rule.denyColumns)
    for (column, mask) in rule.masks {
      let added = ColumnMask(mask: mask, key: key)
      if masks[column]?.contains(added) != true { masks[column, default: []].append(added) }
    }
    if let filter = rule.rowFilter, !filters.contains(filter) { filters.append(filter) }
  }
}

/// Immutable, and told apart by what it is and not by what it says: whoever remembers something under a policy holds it.
package final class EffectivePolicy: Sendable, Hashable {
  /// The widest first.
  package let layers: [Policy]
  /// For `:agent` and `:user`.
  let principal: Principal
  package let limits: PolicyLimits

  /// - Returns: nil where no policy says anything.
  package init?(_ layers: [Policy], for principal: Principal) {
    guard !layers.isEmpty else { return nil }
    self.layers = layers
    self.principal = principal
    func least(_ path: KeyPath<PolicyLimits, Int?>) -> Int? { layers.compactMap { $0.limits[keyPath: path] }.min() }
    var limits = PolicyLimits()
    limits.rows = least(\.rows)
    limits.bytes = least(\.bytes)
    limits.perMinute = least(\.perMinute)
    limits.perHour = least(\.perHour)
    limits.concurrent = least(\.concurrent)
    limits.ceilings.cost = layers.compactMap(\.limits.ceilings.cost).min()
    limits.ceilings.scannedRows = layers.compactMap(\.limits.ceilings.scannedRows).min()
    self.limits = limits
  }

  /// Whether tables, columns or rows are hidden from the caller.
  package var hides: Bool { layers.contains(where: \.isAboutTables) }

  package static func == (left: EffectivePolicy, right: EffectivePolicy) -> Bool { left === right }

  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// Whether a schema may hold anything for the caller.
  func admits(schema: String) -> Bool {
    layers.allSatisfy { !$0.denySchemas.contains(schema) && $0.allowSchemas?.contains(schema) ?? true }
  }

  /// Whether a table is there for the caller.
  /// - Parameter ancestors: what it is a child or partition of: where one of them is denied, so is this.
  func admits(_ table: TableName, under ancestors: [TableName]) -> Bool {
    layers.allSatisfy { layer in layer.isAllowed(table) && !ancestors.contains(where: layer.isDenied) }
  }

  /// Whether a table's own name is denied.
  func denies(_ table: TableName) -> Bool { layers.contains { $0.isDenied(table) } }

  /// The rules of a table and of what it is a child or partition of.
  func rule(of table: TableName, under ancestors: [TableName]) -> RelationRule {
    var rule = RelationRule()
    for layer in layers {
      for name in [table] + ancestors {
        for found in layer.rules(of: name) { rule.add(found, key: layer.hashKey ?? "") }
      }
    }
    return rule
  }
}
