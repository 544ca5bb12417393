// Default operator classes by name: to find a type's, PostgreSQL reads all that an access method has.

import Database

extension IndexDefinition {
  /// The same btree, with the default operator classes of common types in words: HypoPG makes it sooner.
  func namingClasses(in catalog: Catalog) -> IndexDefinition {
    guard method == .btree, let relation = catalog[table] else { return self }
    var copy = self
    for (place, key) in keys.enumerated() where key.isPlain {
      guard let column = relation.column(key.column), let name = Self.defaultClasses[column.typeID] else { continue }
      copy.keys[place].operatorClass = "pg_catalog.\(name)"
    }
    return copy
  }

  /// By the type's identifier, which is the same on every server: a second default for one of them cannot be made. A
  /// `character varying` is compared as `text`. https://www.postgresql.org/docs/current/catalog-pg-opclass.html
  static let defaultClasses: [UInt32: String] = [
    16: "bool_ops", 20: "int8_ops", 21: "int2_ops", 23: "int4_ops", 25: "text_ops", 700: "float4_ops",
    701: "float8_ops", 1042: "bpchar_ops", 1043: "text_ops", 1082: "date_ops", 1114: "timestamp_ops",
    1184: "timestamptz_ops", 1700: "numeric_ops", 2950: "uuid_ops",
  ]
}
