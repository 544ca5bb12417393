// Columns of LIKE with a fixed beginning, where the collation does not sort by byte.

import Database

/// Only a pattern operator class, which compares byte by byte, serves LIKE there
/// (https://www.postgresql.org/docs/current/indexes-opclass.html).
struct PatternColumns: CandidateGenerator {
  let maximumColumns: Int
  let id = "pattern-columns"
  let summary = "Columns of LIKE 'abc%' with a pattern operator class: alone, and after an equality column"

  func candidates(for shape: QueryShape, in catalog: Catalog) -> [IndexDefinition] {
    definitions(for: shape, in: catalog, maximumColumns: maximumColumns) { columns in
      columns.use.prefixes.flatMap { name -> [[IndexDefinition.Key]] in
        guard let column = columns.relation.column(name), let operatorClass = Self.operatorClass(of: column.typeName)
        else { return [] }
        let key = IndexDefinition.Key(name, operatorClass: operatorClass)
        return [[key]] + columns.equalities.prefix(2).map { keys([$0]) + [key] }
      }
    }
  }

  static func operatorClass(of type: String) -> String? {
    switch ColumnTypes.normalized(type) {
    case "text": "text_pattern_ops"
    case "character varying": "varchar_pattern_ops"
    case "character": "bpchar_pattern_ops"
    default: nil
    }
  }
}
