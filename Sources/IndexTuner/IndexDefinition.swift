// An index that could be built: a value that can be compared, ordered and written as a statement.

package import Database

/// A candidate index on one table. Two definitions are equal when PostgreSQL would build the same index.
package struct IndexDefinition: Sendable, Hashable, Comparable {
  package struct Key: Sendable, Hashable {
    package var column: String
    package var isDescending: Bool
    package var nullsFirst: Bool

    /// PostgreSQL's defaults: ascending with nulls last, descending with nulls first.
    package init(_ column: String, isDescending: Bool = false, nullsFirst: Bool? = nil) {
      self.column = column
      self.isDescending = isDescending
      self.nullsFirst = nullsFirst ?? isDescending
    }
  }

  package var table: RelationID
  package var schema: String
  package var tableName: String
  package var keys: [Key]

  package init(table: RelationID, schema: String, tableName: String, keys: [Key]) {
    self.table = table
    self.schema = schema
    self.tableName = tableName
    self.keys = keys
  }

  package init(on relation: Relation, keys: [Key]) {
    self.init(table: relation.id, schema: relation.schema, tableName: relation.name, keys: keys)
  }

  package static func == (left: Self, right: Self) -> Bool { left.table == right.table && left.keys == right.keys }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(table)
    hasher.combine(keys)
  }

  /// By schema, table and key list: an order that does not depend on object identifiers.
  package static func < (left: Self, right: Self) -> Bool { left.sortKey < right.sortKey }

  private var sortKey: String { "\(schema)\u{0}\(tableName)\u{0}\(keyList)" }

  /// `a, b DESC`, quoted where needed.
  package var keyList: String {
    keys.map { key in
      var text = quotedIdentifier(key.column)
      if key.isDescending { text += " DESC" }
      if key.nullsFirst != key.isDescending { text += key.nullsFirst ? " NULLS FIRST" : " NULLS LAST" }
      return text
    }.joined(separator: ", ")
  }

  /// `schema.table`, quoted where needed.
  package var qualifiedTable: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(tableName))" }

  /// What HypoPG is given, as a bound value.
  package var hypotheticalStatement: String { "CREATE INDEX ON \(qualifiedTable) USING btree (\(keyList))" }
}
