// How large an index on an expression gets: HypoPG takes every expression for fifty bytes wide.

import Database

/// A rule of thumb, from what an expression ends or begins with; pure. Without deduplication, of which nothing is known.
struct ExpressionSizes {
  let catalog: Catalog

  /// nil where nothing is known of a key, and of partial indexes.
  func bytes(of index: IndexDefinition) -> Int64? {
    guard index.method == .btree, index.predicate == nil, index.keys.contains(where: { $0.expression != nil }),
      let relation = catalog[index.table], let rows = relation.rowEstimate
    else { return nil }
    var width = 8.0
    for key in index.keys + index.included.map({ IndexDefinition.Key($0) }) {
      guard let own = Self.width(of: key, relation) else { return nil }
      width += own
    }
    let tuple = (width / 8).rounded(.up) * 8 + 4
    let parts = Double(max(1, relation.leaves.count))
    let leaves = (rows / parts * tuple / (Self.page * 0.9)).rounded(.up)
    return Int64(parts * (leaves * 1.005 + 2).rounded(.up)) * 8_192
  }

  /// Bytes of a page that tuples may take.
  private static let page = 8_152.0

  private static let ofTypes: [(suffix: String, width: Double)] = [
    ("::date", 4), ("::integer", 4), ("::int", 4), ("::int4", 4), ("::real", 4), ("::smallint", 4), ("::boolean", 1),
    ("::bigint", 8), ("::int8", 8), ("::double precision", 8), ("::numeric", 8), ("::uuid", 16), ("::text", 9),
    ("::timestamp without time zone", 8), ("::timestamp with time zone", 8), ("::timestamp", 8), ("::timestamptz", 8),
  ]
  private static let ofCalls: [(prefix: String, width: Double)] = [
    ("EXTRACT(", 8), ("date_part(", 8), ("date_trunc(", 8), ("timezone(", 8), ("date(", 4), ("length(", 4),
    ("char_length(", 4), ("cardinality(", 4), ("array_length(", 4), ("md5(", 33),
  ]
  /// These give a text about as long as what they take.
  private static let texts = [
    "lower(", "upper(", "btrim(", "ltrim(", "rtrim(", "reverse(", "replace(", "translate(", "initcap(", "COALESCE(",
    "GREATEST(", "LEAST(", "NULLIF(",
  ]

  private static func width(of key: IndexDefinition.Key, _ relation: Relation) -> Double? {
    let own = relation.column(key.column)?.averageWidth.map(Double.init)
    guard let expression = key.expression else { return own }
    let bare =
      expression.hasPrefix("(") && expression.hasSuffix(")") ? String(expression.dropFirst().dropLast()) : expression
    if let known = ofTypes.first(where: { bare.hasSuffix($0.suffix) }) { return known.width }
    if let known = ofCalls.first(where: { bare.hasPrefix($0.prefix) }) { return known.width }
    if bare.contains("->>") || bare.contains("#>>") { return 16 }
    return texts.contains(where: bare.hasPrefix) ? own : nil
  }
}
