// Which comparisons leave a column as it is: PostgreSQL puts an implicit cast on the narrower side, and an index
// on a column does not serve a cast of it (https://www.postgresql.org/docs/current/typeconv-oper.html).

/// Type names in one spelling, without their modifiers.
enum ColumnTypes {
  /// `character varying(20)` → `character varying`, `int4` → `integer`, `timestamp(3) with time zone` without `(3)`.
  static func normalized(_ name: String) -> String {
    var plain = ""
    var depth = 0
    for character in name {
      if character == "(" { depth += 1 }
      if depth == 0 { plain.append(character) }
      if character == ")" { depth -= 1 }
    }
    let words = plain.split(separator: " ").joined(separator: " ")
    return synonyms[words] ?? words
  }

  /// The same without the schema, as types of extensions are known by their names wherever they are.
  static func bare(_ name: String) -> String {
    let normal = normalized(name)
    guard !normal.contains("\""), let dot = normal.lastIndex(of: ".") else { return normal }
    return String(normal[normal.index(after: dot)...])
  }

  private static let synonyms: [String: String] = [
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint", "bool": "boolean",
    "float4": "real", "float8": "double precision", "decimal": "numeric", "varchar": "character varying",
    "bpchar": "character", "char": "character", "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone", "timetz": "time with time zone",
    "time": "time without time zone", "varbit": "bit varying",
  ]

  /// Under one of the names that the grammar has words for.
  static func isBuiltIn(_ name: String) -> Bool { synonyms[name] != nil || synonyms.values.contains(name) }

  private static let integers: Set<String> = ["smallint", "integer", "bigint"]
  private static let inexact: Set<String> = ["real", "double precision"]
  private static let varying: Set<String> = ["text", "character varying"]

  /// Whether `column = value` can use an index on the column, by their types alone; unknown types can.
  static func comparable(column: String, with value: String?) -> Bool {
    guard let value else { return true }
    let left = normalized(column)
    let right = normalized(value)
    if integers.contains(left) { return right != "numeric" && !inexact.contains(right) }
    if left == "numeric" { return !inexact.contains(right) }
    if left == "character" { return !varying.contains(right) }
    return true
  }

  /// Whether a cast to `target` leaves the stored value and its sort order as they are (a relabelling).
  static func isRelabelling(_ column: String, to target: String, hasModifier: Bool) -> Bool {
    guard !hasModifier else { return false }
    let left = normalized(column)
    let right = normalized(target)
    return left == right || (varying.contains(left) && varying.contains(right))
  }

  static let textLike: Set<String> = ["text", "character varying", "character", "name"]
}
