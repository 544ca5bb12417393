// An index that could be built: a value that can be compared, ordered and written as a statement.

package import Database

/// A candidate index on one table. Two definitions are equal when PostgreSQL would build the same index.
package struct IndexDefinition: Sendable, Hashable, Comparable {
  /// The access methods that are proposed. Hash indexes are not: a btree serves all that they do, and more.
  package enum Method: String, Sendable {
    case btree, brin, gin, gist

    /// HypoPG has no model of the size of the others, so the planner cannot be asked about them
    /// (https://hypopg.readthedocs.io/en/rel1_stable/hypothetical_indexes.html).
    package var isPriced: Bool { self == .btree || self == .brin }
  }

  package struct Key: Sendable, Hashable {
    /// The column, or the first one that the expression reads.
    package var column: String
    /// SQL over columns of the table, in brackets where it is no function call; nil for the plain column.
    package var expression: String?
    /// The other columns that the expression reads.
    package var furtherColumns: [String]
    /// Where the default one of the type will not do, for instance `text_pattern_ops`.
    package var operatorClass: String?
    package var isDescending: Bool
    package var nullsFirst: Bool

    /// PostgreSQL's defaults: ascending with nulls last, descending with nulls first.
    package init(
      _ column: String, expression: String? = nil, furtherColumns: [String] = [], operatorClass: String? = nil,
      isDescending: Bool = false, nullsFirst: Bool? = nil
    ) {
      self.column = column
      self.expression = expression
      self.furtherColumns = furtherColumns
      self.operatorClass = operatorClass
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst ?? isDescending
    }

    /// The column in quotes where needed, or the expression.
    package var target: String { expression ?? quotedIdentifier(column) }

    /// A column under its type's own operator class.
    package var isPlain: Bool { expression == nil && operatorClass == nil }

    /// As CREATE INDEX takes it.
    package var text: String {
      var text = target
      if let operatorClass { text += " \(operatorClass)" }
      if isDescending { text += " DESC" }
      if nullsFirst != isDescending { text += nullsFirst ? " NULLS FIRST" : " NULLS LAST" }
      return text
    }
  }

  package var table: RelationID
  package var schema: String
  package var tableName: String
  package var method: Method
  package var keys: [Key]
  /// INCLUDE: read from the index, not searched for; in a fixed order.
  package var included: [String]
  package var predicate: Predicate?

  /// The WHERE of a partial index.
  package struct Predicate: Sendable, Hashable {
    /// SQL over columns of the table, joined by AND.
    package var text: String
    package var columns: [String]

    package init(text: String, columns: [String]) {
      self.text = text
      self.columns = columns
    }
  }

  package init(
    table: RelationID, schema: String, tableName: String, method: Method = .btree, keys: [Key],
    included: [String] = [], predicate: Predicate? = nil
  ) {
    self.table = table
    self.schema = schema
    self.tableName = tableName
    self.method = method
    self.keys = keys
    self.included = included
    self.predicate = predicate
  }

  package init(
    on relation: Relation, method: Method = .btree, keys: [Key], included: [String] = [], predicate: Predicate? = nil
  ) {
    self.init(
      table: relation.id, schema: relation.schema, tableName: relation.name, method: method, keys: keys,
      included: included, predicate: predicate)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.table == right.table && left.method == right.method && left.keys == right.keys
      && left.included == right.included && left.predicate == right.predicate
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(table)
    hasher.combine(keys)
    hasher.combine(included)
    hasher.combine(predicate)
  }

  /// By schema, table and key list: an order that does not depend on object identifiers.
  package static func < (left: Self, right: Self) -> Bool { left.sortKey < right.sortKey }

  /// Whoever sorts many makes these once.
  var sortKey: String { "\(schema)\u{0}\(tableName)\u{0}\(keyList)\u{0}\(body)" }

  /// `a, b DESC`, quoted where needed.
  package var keyList: String { keys.map(\.text).joined(separator: ", ") }

  /// What stands behind the table's name: `USING gin (a) INCLUDE (b) WHERE c`; btree, the default, is not said.
  package var body: String {
    var text = method == .btree ? "(\(keyList))" : "USING \(method.rawValue) (\(keyList))"
    if !included.isEmpty { text += " INCLUDE (\(included.map(quotedIdentifier).joined(separator: ", ")))" }
    if let predicate { text += " WHERE \(predicate.text)" }
    return text
  }

  /// `schema.table`, quoted where needed.
  package var qualifiedTable: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(tableName))" }

  /// A btree on columns alone, whole and with nothing included: the kind that others are compared with.
  package var isPlain: Bool {
    method == .btree && included.isEmpty && predicate == nil && keys.allSatisfy(\.isPlain)
  }

  /// Every column whose change changes the index.
  package var columns: Set<String> {
    Set(keys.flatMap { [$0.column] + $0.furtherColumns } + included + (predicate?.columns ?? []))
  }

  /// What HypoPG is given, as a bound value.
  package var hypotheticalStatement: String {
    method == .btree
      ? "CREATE INDEX ON \(qualifiedTable) USING btree \(body)" : "CREATE INDEX ON \(qualifiedTable) \(body)"
  }
}
